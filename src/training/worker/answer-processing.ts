import { assertNever } from '../../common/assert-never.js';
import type { ProcessingAnswer, ProcessingTask } from './protocol.js';
