import { Injectable } from '@nestjs/common';
import { Slots } from '../common/slots.js';

/** Each import holds its numbers in memory until they are stored: more than two at once wait, and so do their clients. */
const IMPORTS_AT_ONCE = 2;

@Injectable()
export class ImportSlots extends Slots {
  constructor() {
    super(IMPORTS_AT_ONCE);
  }
}
