import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createTestPlatform, runParley, shellWords } from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

test("what a chatbot sends besides words is set by command, and goes back to the default", async () => {
  const folder = await mkdtemp(join(tmpdir(), "parley-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const platform = createTestPlatform(await emptyDatabase(), { DATA_DIR: folder });
  const parley = (line: string) => runParley(platform, shellWords(line));
  await parley("chatbot create --name Support --phone-number-id 1 --access-token x");
  const shapes = async () => (await parley("chatbot show Support --json")).rows[0]?.["shapes"];
  expect(await shapes()).toEqual(["options", "link"]);

  await parley("chatbot update Support --shapes files,options");
  expect(await shapes()).toEqual(["options", "files"]);
  await parley("chatbot update Support --shapes none");
  expect(await shapes()).toEqual([]);
  await parley("chatbot update Support --shapes default");
  expect(await shapes()).toEqual(["options", "link"]);

  expect(await parley("chatbot update Support --shapes polls")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("options,link,location,files"),
  });
});
