import { TrainyardError } from '../common/errors/index.js';

/** Gives the ids of those who use the template. */
export type UsageCheck = (templateId: string) => Promise<readonly string[]>;

const NAMED_USERS = 20;

/** What other rooms know about who uses a template. They register; templates know none of them. */
export class UsageChecks {
  private readonly checks = new Map<string, UsageCheck>();

  /** `kind` is the plural that errors show, for example `executions`. */
  register(kind: string, check: UsageCheck): void {
    if (this.checks.has(kind)) throw new Error(`usage of templates by ${kind} is checked already`);
    this.checks.set(kind, check);
  }

  /** `TEMPLATE_IN_USE` names the users, up to twenty of each kind. */
  async assertUnused(templateId: string): Promise<void> {
    const found = await Promise.all(
      [...this.checks].map(async ([kind, check]) => ({ kind, ids: await check(templateId) })),
    );
    const users = found.filter(({ ids }) => ids.length > 0);
    if (users.length === 0) return;
    const shown = users.map(
      ({ kind, ids }) => `${ids.length} ${kind} (${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ', …' : ''})`,
    );
    throw new TrainyardError(
      'TEMPLATE_IN_USE',
      `Template ${templateId} is used by ${shown.join(' and ')}: delete them first`,
      {
        templateId,
        users: Object.fromEntries(users.map(({ kind, ids }) => [kind, ids.slice(0, NAMED_USERS)])),
        counts: Object.fromEntries(users.map(({ kind, ids }) => [kind, ids.length])),
      },
    );
  }
}
