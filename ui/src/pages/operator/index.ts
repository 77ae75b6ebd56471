export { Harbour } from './harbour.tsx';
