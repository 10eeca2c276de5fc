import { chatbotCreate } from "./chatbot-create.ts";
import { chatbotDelete } from "./chatbot-delete.ts";
import { chatbotDisable } from "./chatbot-disable.ts";
import { chatbotEnable } from "./chatbot-enable.ts";
import { chatbotList } from "./chatbot-list.ts";
import { chatbotShow } from "./chatbot-show.ts";
import { chatbotUpdate } from "./chatbot-update.ts";
import type { Command } from "./command.ts";
import { conversationClose } from "./conversation-close.ts";
import { conversationList } from "./conversation-list.ts";
import { conversationPause } from "./conversation-pause.ts";
import { conversationResume } from "./conversation-resume.ts";
import { conversationSendTemplate } from "./conversation-send-template.ts";
import { conversationShow } from "./conversation-show.ts";
import { databaseCreate } from "./database-create.ts";
import { databaseDrop } from "./database-drop.ts";
import { databaseReset } from "./database-reset.ts";
import { databaseSeed } from "./database-seed.ts";
import { databaseVerify } from "./database-verify.ts";
import { doctor } from "./doctor.ts";
import { knowledgeAdd } from "./knowledge-add.ts";
import { knowledgeCalibrate } from "./knowledge-calibrate.ts";
import { knowledgeIndex } from "./knowledge-index.ts";
import { knowledgeList } from "./knowledge-list.ts";
import { knowledgeModel } from "./knowledge-model.ts";
import { knowledgeRemove } from "./knowledge-remove.ts";
import { knowledgeRequest } from "./knowledge-request.ts";
import { knowledgeRetry } from "./knowledge-retry.ts";
import { knowledgeSearch } from "./knowledge-search.ts";
import { knowledgeShow } from "./knowledge-show.ts";
import { knowledgeSync } from "./knowledge-sync.ts";
import { knowledgeUpload } from "./knowledge-upload.ts";
import { knowledgeWatch } from "./knowledge-watch.ts";
import { migrate } from "./migrate.ts";
import { organizationCreate } from "./organization-create.ts";
import { organizationList } from "./organization-list.ts";
import { promptDiff } from "./prompt-diff.ts";
import { promptEdit } from "./prompt-edit.ts";
import { promptList } from "./prompt-list.ts";
import { promptPreview } from "./prompt-preview.ts";
import { promptPublish } from "./prompt-publish.ts";
import { promptRollback } from "./prompt-rollback.ts";
import { promptShow } from "./prompt-show.ts";
import { secretsReseal } from "./secrets-reseal.ts";
import { secretsRotate } from "./secrets-rotate.ts";
import { toolAdd } from "./tool-add.ts";
import { toolDisable } from "./tool-disable.ts";
import { toolEnable } from "./tool-enable.ts";
import { toolList } from "./tool-list.ts";
import { toolRemove } from "./tool-remove.ts";
import { toolShow } from "./tool-show.ts";
import { toolTest } from "./tool-test.ts";
import { turnsList } from "./turns-list.ts";
import { turnsRetry } from "./turns-retry.ts";
import { turnsShow } from "./turns-show.ts";

/** Every command, in the order of the help. A new one is added here and nowhere else. */
export const ALL_COMMANDS: readonly Command[] = [
  migrate,
  doctor,
  organizationCreate,
  organizationList,
  chatbotCreate,
  chatbotList,
  chatbotShow,
  chatbotUpdate,
  chatbotEnable,
  chatbotDisable,
  chatbotDelete,
  promptShow,
  promptEdit,
  promptDiff,
  promptPublish,
  promptRollback,
  promptList,
  promptPreview,
  knowledgeAdd,
  knowledgeList,
  knowledgeShow,
  knowledgeRetry,
  knowledgeSync,
  knowledgeRemove,
  knowledgeSearch,
  knowledgeModel,
  knowledgeCalibrate,
  knowledgeIndex,
  knowledgeUpload,
  knowledgeRequest,
  knowledgeWatch,
  toolAdd,
  toolList,
  toolShow,
  toolTest,
  toolEnable,
  toolDisable,
  toolRemove,
  turnsList,
  turnsShow,
  turnsRetry,
  conversationList,
  conversationShow,
  conversationPause,
  conversationResume,
  conversationClose,
  conversationSendTemplate,
  secretsRotate,
  secretsReseal,
  databaseCreate,
  databaseSeed,
  databaseDrop,
  databaseReset,
  databaseVerify,
];
