/** Starts the page. The first import comes before every schema on purpose. */
import './transport/zod_jitless.ts';
import './styles/app.css';
import { mount, unmount } from 'svelte';
import App from './App.svelte';
import { SignalboxApp } from './state/app.svelte.ts';

const app = new SignalboxApp(window);
const page = mount(App, { target: document.body, props: { app } });
app.start();

// The old module's socket would go on beside the new one's.
import.meta.hot?.dispose(() => {
  app.stop();
  void unmount(page);
});
