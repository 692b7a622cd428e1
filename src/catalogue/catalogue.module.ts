import { Module } from '@nestjs/common';
import { CatalogueController } from './catalogue.controller.js';

/** What templates can be made of, read off the declarations in `ml`. */
@Module({ controllers: [CatalogueController] })
export class CatalogueModule {}
