// Entry of the executable's bundle for the journal thread.

import { runJournal } from './cli/journal-entry.ts';

runJournal();
