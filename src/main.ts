/** Starts the page. The first import comes before every schema on purpose. */
import './transport/zod_jitless.ts';
import './styles/app.css';
import { mount, unmount } from 'svelte';
import App from './App.svelte';
import { loadRun } from './pages.ts';
import { SignalboxApp } from './state/app.svelte.ts';

const app = new SignalboxApp(window);
// Fetched while the page around it is put together; asked for again, and told when it does not come, where it is shown.
if (app.route.place.view === 'run') loadRun().catch(() => undefined);
// Before the page is drawn: its state is under way meanwhile.
app.start();
const page = mount(App, { target: document.body, props: { app } });

// The old module's socket would go on beside the new one's.
import.meta.hot?.dispose(() => {
  app.stop();
  void unmount(page);
});
