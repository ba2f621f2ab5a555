import 'uplot/dist/uPlot.min.css';
import { render } from 'preact';
import './style.css';
import { App } from './app.tsx';
import { keepKeyOfAddress, reloadForOtherConsole } from './call.ts';

keepKeyOfAddress();
reloadForOtherConsole();
const root = document.getElementById('app');
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
