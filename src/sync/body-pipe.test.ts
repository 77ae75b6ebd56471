import { describe, expect, it } from 'vitest';
import { BodyPipe } from './body-pipe.ts';

const bytes = (text: string) => Buffer.from(text);

describe('the pipe of a big body', () => {
  it('hands chunks through in order, also those that came before the writer', async () => {
    const pipe = new BodyPipe();
    const written: string[] = [];
    const first = pipe.chunk(bytes('a'));
    const second = pipe.chunk(bytes('b'));
    expect(first).toBeInstanceOf(Promise);
    const done = pipe.source((chunk) => void written.push(Buffer.from(chunk).toString()));
    await Promise.all([first, second]);
    await pipe.chunk(bytes('c'));
    pipe.end();
    await done;
    expect(written).toEqual(['a', 'b', 'c']);
  });

  it('holds the reader back until the writer has taken a chunk', async () => {
    const pipe = new BodyPipe();
    let free: () => void = () => {};
    const done = pipe.source(
      () =>
        new Promise<void>((resolve) => {
          free = resolve;
        }),
    );
    let taken = false;
    const held = Promise.resolve(pipe.chunk(bytes('a'))).then(() => {
      taken = true;
    });
    await Promise.resolve();
    expect(taken).toBe(false);
    free();
    await held;
    pipe.end();
    await done;
  });

  it('rejects the writer when the old side breaks, before or after it began', async () => {
    const early = new BodyPipe();
    early.fail(new Error('broke'));
    await expect(early.source(() => {})).rejects.toThrow('broke');
    const late = new BodyPipe();
    const done = late.source(() => {});
    late.fail(new Error('broke'));
    await expect(done).rejects.toThrow('broke');
  });

  it('lets the reader go on when nobody wants the body', async () => {
    const pipe = new BodyPipe();
    const held = pipe.chunk(bytes('a'));
    pipe.discard();
    await held;
    expect(pipe.chunk(bytes('b'))).toBeUndefined();
    pipe.end();
  });
});
