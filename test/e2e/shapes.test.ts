import { sql } from "kysely";
import { expect, test } from "vitest";
import { startWorld, type TestWorld } from "../support/start-world.ts";

const OPTIONS = {
  name: "reply_with_options",
  input: { options: [{ title: "Small" }, { title: "Large" }], list_button: "Sizes" },
};

function write(world: TestWorld, phoneNumberId: string, text: string): void {
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text },
  });
}

test("buttons are offered, the customer taps one, and the model knows which question that answers", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.models.queue({ text: "Which size?", toolCalls: [OPTIONS] }, "One large pizza.");

  write(world, phoneNumberId, "A pizza, please");
  const offer = await world.simulator.nextReply("ana");
  expect(offer.body).toMatchObject({
    type: "interactive",
    interactive: {
      type: "button",
      body: { text: "Which size?" },
      action: {
        buttons: [
          { reply: { id: "option-1", title: "Small" } },
          { reply: { id: "option-2", title: "Large" } },
        ],
      },
    },
  });
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "button-reply", id: "option-2", title: "Large" },
    replyToId: offer.id,
  });

  expect((await world.simulator.nextReply("ana")).body).toMatchObject({
    text: { body: "One large pizza." },
  });
  const [first, second, third] = world.simulator.models.requests();
  expect(first?.turns.at(-1)?.texts.join()).toContain("A pizza, please");
  expect(second?.turns.at(-2)?.texts.join()).toBe(
    'Which size?\n[You offered the buttons "Small", "Large"]',
  );
  expect(second?.turns.at(-1)?.texts.join()).toMatch(
    /^\[Answering your message: "Which size\?"\]\n.*Large/s,
  );
  expect(third).toBeUndefined();
});

test("the history keeps what was offered, as one message", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.models.queue({ text: "Which size?", toolCalls: [OPTIONS] });

  write(world, phoneNumberId, "A pizza, please");
  await world.simulator.nextReply("ana");
  await world.restart(); // the turn has ended

  const { rows } = await world.database.asOwner((db) =>
    sql`select type, content, data -> 'shape' ->> 'type' as shape, data #>> '{shape,buttons,1,title}' as second
      from messages where author = 'bot'`.execute(db),
  );
  expect(rows).toEqual([
    { type: "interactive", content: "Which size?", shape: "buttons", second: "Large" },
  ]);
});

test("a long answer goes before, and its closing question carries the buttons", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const long = Array(100).fill("We have pizza.").join(" ");
  world.simulator.models.queue({ text: `${long}\n\nWhich size?`, toolCalls: [OPTIONS] });

  write(world, phoneNumberId, "A pizza, please");

  await world.simulator.waitFor(() => world.simulator.sent.length === 2);
  expect(world.simulator.sent.map(({ body }) => body)).toMatchObject([
    { type: "text", text: { body: long } },
    { type: "interactive", interactive: { body: { text: "Which size?" } } },
  ]);
});

test("a chatbot offers options and links by itself, the rest when it is told to", async () => {
  await using world = await startWorld();
  const { phoneNumberId, chatbotId } = await world.createChatbot();
  const offered = () =>
    JSON.stringify(world.simulator.models.requests().at(-1)?.body).match(
      /reply_with_options|send_link|request_location|send_file/g,
    );

  write(world, phoneNumberId, "Hi");
  await world.simulator.nextReply("ana");
  expect(new Set(offered())).toEqual(new Set(["reply_with_options", "send_link"]));

  await setShapes(world, chatbotId, '["location", "files"]');
  write(world, phoneNumberId, "Hi again");
  await world.simulator.nextReply("ana");
  expect(new Set(offered())).toEqual(new Set(["request_location", "send_file"]));

  await setShapes(world, chatbotId, "[]");
  write(world, phoneNumberId, "And again");
  await world.simulator.nextReply("ana");
  expect(offered()).toBeNull();
});

test("the customer's location answers a request for it", async () => {
  await using world = await startWorld();
  const { phoneNumberId, chatbotId } = await world.createChatbot();
  await setShapes(world, chatbotId, '["location"]');
  world.simulator.models.queue({
    text: "Where are you?",
    toolCalls: [{ name: "request_location", input: {} }],
  });

  write(world, phoneNumberId, "Do you deliver?");
  const asked = await world.simulator.nextReply("ana");
  expect(asked.body).toMatchObject({
    interactive: { type: "location_request_message", body: { text: "Where are you?" } },
  });
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "location", latitude: 52.5, longitude: 13.4, name: "Home" },
    replyToId: asked.id,
  });

  await world.simulator.nextReply("ana");
  expect(world.simulator.models.requests()[1]?.turns.at(-1)?.texts.join()).toContain(
    '[Answering your message: "Where are you?"]',
  );
});

test("a document of the chatbot's own knowledge is sent as a file, and uploaded once for all customers", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const other = await world.createChatbot();
  await world.learn(chatbot, { name: "Menu.txt", text: "Pizza costs 9 euros." });
  await world.learn(other, { name: "Secret.txt", text: "The recipe of the sauce." });
  await setShapes(world, chatbot.chatbotId, '["files"]');
  const sendFile = (name: string) => ({ name: "send_file", input: { name } });

  for (const [index, customer] of ["ana", "robin"].entries()) {
    world.simulator.models.queue({ text: "Our menu", toolCalls: [sendFile("menu")] });
    world.simulator.customerSends({
      phoneNumberId: chatbot.phoneNumberId,
      customer,
      content: { type: "text", text: "The menu, please" },
    });
    await world.simulator.waitFor(() => world.simulator.sent.length === index + 1);
  }
  const [first, second] = world.simulator.sent.map(({ body }) => body);
  expect(first).toMatchObject({
    type: "document",
    document: { id: expect.any(String), filename: "Menu.txt", caption: "Our menu" },
  });
  expect(second).toMatchObject({ document: Object(first).document });

  world.simulator.models.queue({ text: "", toolCalls: [sendFile("Secret.txt")] }, "I cannot.");
  write(world, chatbot.phoneNumberId, "The secret, please");
  await world.simulator.waitFor(() => world.simulator.sent.length === 3);
  expect(world.simulator.sent[2]?.body).toMatchObject({ text: { body: "I cannot." } });
  expect(JSON.stringify(world.simulator.models.requests().at(-1)?.body)).toContain(
    "There is no such document",
  );
});

test("where Meta has lost an upload the words go alone, and the next customer gets a new upload", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  await world.learn(chatbot, { name: "Menu.txt", text: "Pizza costs 9 euros." });
  await setShapes(world, chatbot.chatbotId, '["files"]');
  const answer = {
    text: "Our menu",
    toolCalls: [{ name: "send_file", input: { name: "Menu.txt" } }],
  };
  const ask = async (text: string) => {
    world.simulator.models.queue(answer);
    write(world, chatbot.phoneNumberId, text);
    return world.simulator.nextReply("ana");
  };
  await ask("The menu, please");
  await world.database.asOwner((db) =>
    sql`update uploaded_media set media_id = 'lost'`.execute(db),
  );

  expect((await ask("And for my friend")).body).toMatchObject({
    type: "text",
    text: { body: "Our menu" },
  });
  expect((await ask("Once more the menu")).body).toMatchObject({
    type: "document",
    document: { caption: "Our menu" },
  });
});

test("the model is told of a document whose original is gone, and answers without it", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  await world.learn(chatbot, { name: "Menu.txt", text: "Pizza costs 9 euros." });
  await setShapes(world, chatbot.chatbotId, '["files"]');
  world.simulator.models.queue(
    { text: "Our menu", toolCalls: [{ name: "send_file", input: { name: "Menu.txt" } }] },
    "It cannot be sent now.",
  );
  await world.database.asOwner((db) =>
    sql`update knowledge_sources set file_path = ${`${chatbot.organizationId}/gone`}`.execute(db),
  );

  write(world, chatbot.phoneNumberId, "The menu, please");

  const reply = await world.simulator.nextReply("ana");
  expect(reply.body).toMatchObject({ text: { body: "It cannot be sent now." } });
});

async function setShapes(world: TestWorld, chatbotId: string, shapes: string): Promise<void> {
  await world.database.asOwner((db) =>
    sql`update chatbots set settings = jsonb_build_object('shapes', ${shapes}::text::jsonb)
      where id = ${chatbotId}`.execute(db),
  );
}

test("a process that stops between a refusal and the plain words sends them when it is back", async () => {
  await using world = await startWorld({ SEND_OUTCOME_WAIT_MS: "60000" });
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.models.queue({ text: "Which size?", toolCalls: [OPTIONS] });
  world.simulator.setFaults({ graph: { next: ["drop-before"] } });
  write(world, phoneNumberId, "A pizza, please");
  const refused = () =>
    world.database.asOwner((db) =>
      sql`with rested as (
          update mailboxes set run_at = now() where owner is null and handler = 'conversation' and last_seq > done_seq
          and turn_id is not null returning turn_id)
        update outbound_messages set state = 'failed', error_code = 'WHATSAPP_REQUEST_REJECTED'
        where state = 'sending' and turn_id in (select turn_id from rested)`.execute(db),
    );
  await expect
    .poll(async () => Number((await refused()).numAffectedRows), { timeout: 10_000 })
    .toBe(1);

  await world.restart();

  expect((await world.simulator.nextReply("ana")).text).toBe("Which size?\n\n- Small\n- Large");
  expect(world.simulator.sent).toHaveLength(1);
});
