// The types of the database. Written by `npm run schema:write`; do not edit.

import type { ColumnType } from "kysely";

export type Generated<T> = T extends ColumnType<infer S, infer I, infer U>
  ? ColumnType<S, I | undefined, U>
  : ColumnType<T, T | undefined, T>;

export type Int8 = ColumnType<string, bigint | number | string, bigint | number | string>;

export type Json = JsonValue;

export type JsonArray = JsonValue[];

export type JsonObject = {
  [x: string]: JsonValue | undefined;
};

export type JsonPrimitive = boolean | number | string | null;

export type JsonValue = JsonArray | JsonObject | JsonPrimitive;

export type Timestamp = ColumnType<Date, Date | string, Date | string>;

export interface Accounts {
  access_token: string | null;
  access_token_expires_at: Timestamp | null;
  account_id: string;
  created_at: Generated<Timestamp>;
  id: Generated<string>;
  id_token: string | null;
  password: string | null;
  provider_id: string;
  refresh_token: string | null;
  refresh_token_expires_at: Timestamp | null;
  scope: string | null;
  updated_at: Generated<Timestamp>;
  user_id: string;
}

export interface ApiKeys {
  created_at: Generated<Timestamp>;
  created_by: string | null;
  expires_at: Timestamp | null;
  id: Generated<string>;
  key_hash: Buffer;
  last_used_at: Timestamp | null;
  name: string;
  organization_id: string;
  prefix: string;
  revoked_at: Timestamp | null;
  scopes: Generated<string[]>;
}

export interface AuditLogs {
  action: string;
  actor_id: string | null;
  actor_type: "user" | "api_key" | "operator" | "system";
  changes: Generated<Json>;
  created_at: Generated<Timestamp>;
  id: Generated<string>;
  ip_address: string | null;
  organization_id: string | null;
  target_id: string | null;
  target_type: string | null;
  user_agent: string | null;
}

export interface ChatbotIntegrations {
  chatbot_id: string;
  created_at: Generated<Timestamp>;
  enabled: Generated<boolean>;
  id: Generated<string>;
  integration_id: string;
  organization_id: string;
  tool_config: Generated<Json>;
  updated_at: Generated<Timestamp>;
}

export interface Chatbots {
  created_at: Generated<Timestamp>;
  disabled_reason: string | null;
  embedding_model: string | null;
  failure_message: string | null;
  fallback_model: string | null;
  history_token_budget: Generated<number>;
  id: Generated<string>;
  is_active: Generated<boolean>;
  knowledge_languages: Generated<string[]>;
  model: string;
  name: string;
  next_embedding_model: string | null;
  organization_id: string;
  passages_max: Generated<number>;
  published_prompt_id: string | null;
  reply_delay_ms: Generated<number>;
  settings: Generated<Json>;
  similarity_threshold: number | null;
  system_prompt: Generated<string>;
  updated_at: Generated<Timestamp>;
  whatsapp_access_token: string;
  whatsapp_app_secret: string | null;
  whatsapp_phone_number_id: string;
}

export interface ChatbotSpend {
  chatbot_id: string;
  organization_id: string;
  period_start: Generated<Timestamp>;
  reached_at: Timestamp | null;
  spent_micros: Generated<Int8>;
  unpriced_rows: Generated<number>;
  updated_at: Generated<Timestamp>;
  warned_at: Timestamp | null;
}

export interface ChatbotTerms {
  chatbot_id: string;
  document_frequency: number;
  organization_id: string;
  term: number;
}

export interface ChunkTerms {
  chatbot_id: string;
  chunk_id: Int8;
  organization_id: string;
  terms: string;
  version_id: Generated<Int8>;
}

export interface Contacts {
  attributes: Generated<Json>;
  chatbot_id: string;
  created_at: Generated<Timestamp>;
  id: Generated<string>;
  language: string | null;
  merged_into: string | null;
  opted_out_at: Timestamp | null;
  organization_id: string;
  parent_user_id: string | null;
  phone: string | null;
  profile_name: string | null;
  updated_at: Generated<Timestamp>;
  user_id: string | null;
  username: string | null;
}

export interface ConversationNotes {
  content: Generated<string>;
  conversation_id: string;
  created_at: Generated<Timestamp>;
  id: Generated<string>;
  kind: string;
  organization_id: string;
  reason: string | null;
  turn_id: string | null;
}

export interface Conversations {
  bot_since: Timestamp | null;
  chatbot_id: string;
  contact_id: string;
  created_at: Generated<Timestamp>;
  id: Generated<string>;
  last_inbound_at: Timestamp | null;
  organization_id: string;
  pause_announced: Generated<boolean>;
  paused_at: Timestamp | null;
  paused_reason: string | null;
  paused_until: Timestamp | null;
  status: Generated<"bot" | "human" | "merged">;
  updated_at: Generated<Timestamp>;
}

export interface DeliveryStatuses {
  billable: boolean | null;
  chatbot_id: string;
  created_at: Generated<Timestamp>;
  error_title: string | null;
  meta_error_code: number | null;
  occurred_at: Timestamp;
  organization_id: string;
  pricing_category: string | null;
  rank: Generated<number>;
  status: "sent" | "delivered" | "read" | "played" | "failed";
  whatsapp_message_id: string;
}

export interface DocumentChunks {
  chatbot_id: string;
  content: string;
  created_at: Generated<Timestamp>;
  embedding: string;
  embedding_bits: Generated<string>;
  embedding_model: string;
  end_offset: Generated<number>;
  headings: Generated<string[]>;
  id: Generated<Int8>;
  organization_id: string;
  page: number | null;
  position: number;
  source_id: string;
  start_offset: Generated<number>;
  version_id: Generated<Int8>;
}

export interface Invitations {
  created_at: Generated<Timestamp>;
  email: string;
  expires_at: Timestamp;
  id: Generated<string>;
  inviter_id: string;
  organization_id: string;
  role: "owner" | "admin" | "member" | null;
  status: Generated<"pending" | "accepted" | "rejected" | "canceled">;
}

export interface KeyRingCheck {
  sealed: string;
  singleton: Generated<boolean>;
}

export interface KnowledgeGaps {
  best_similarity: number | null;
  chatbot_id: string;
  conversation_id: string | null;
  first_at: Generated<Timestamp>;
  id: Generated<string>;
  last_at: Generated<Timestamp>;
  occurrences: Generated<number>;
  organization_id: string;
  question: string;
  question_key: Generated<string>;
  reason: "nothing-found" | "below-threshold" | "not-answered";
  status: Generated<"open" | "resolved" | "dismissed">;
  turn_id: string | null;
}

export interface KnowledgeSources {
  attempts: Generated<number>;
  chatbot_id: string;
  checked_at: Timestamp | null;
  chunks_done: Generated<number>;
  chunks_total: number | null;
  content_hash: string | null;
  created_at: Generated<Timestamp>;
  error_code: string | null;
  error_reason: string | null;
  etag: string | null;
  file_path: string | null;
  id: Generated<string>;
  job_id: string | null;
  language: string | null;
  last_modified: string | null;
  media_type: string | null;
  name: string;
  next_sync_at: Timestamp | null;
  organization_id: string;
  page_count: number | null;
  removed_at: Timestamp | null;
  size_bytes: Int8 | null;
  source_type: string;
  status: Generated<"pending" | "processing" | "synced" | "failed">;
  step: "fetch" | "extract" | "split" | "embed" | "store" | null;
  sync_interval_minutes: number | null;
  synced_at: Timestamp | null;
  title: string | null;
  updated_at: Generated<Timestamp>;
  url: string | null;
}

export interface Mailboxes {
  attempt: Generated<number>;
  coalesces: Generated<boolean>;
  done_seq: Generated<Int8>;
  error_code: string | null;
  fence: Generated<Int8>;
  first_at: Timestamp | null;
  handler: string;
  hastened: Generated<boolean>;
  key: string;
  lane: string;
  last_seq: Generated<Int8>;
  messages: Generated<Json>;
  organization_id: string | null;
  owner: string | null;
  run_at: Generated<Timestamp>;
  stepped_at: Timestamp | null;
  steps: Generated<Json>;
  superseded: Generated<number>;
  turn_id: string | null;
  turn_upto: Int8 | null;
}

export interface Members {
  created_at: Generated<Timestamp>;
  id: Generated<string>;
  organization_id: string;
  role: Generated<"owner" | "admin" | "member">;
  user_id: string;
}

export interface MessageMedia {
  created_at: Generated<Timestamp>;
  duration_ms: number | null;
  is_cut: Generated<boolean>;
  kind: "image" | "audio" | "video" | "document" | "sticker";
  message_id: string;
  mime_type: string | null;
  model: string | null;
  organization_id: string;
  reason: string | null;
  sha256: string | null;
  size_bytes: number | null;
  status: "stored" | "read" | "failed" | "expired";
  storage_key: string | null;
  text: string | null;
  tokens: number | null;
  updated_at: Generated<Timestamp>;
}

export interface Messages {
  author: "customer" | "bot" | "human" | "system";
  chatbot_id: string;
  content: Generated<string>;
  conversation_id: string;
  created_at: Generated<Timestamp>;
  data: Generated<Json>;
  direction: "inbound" | "outbound";
  edited_at: Timestamp | null;
  id: Generated<string>;
  organization_id: string;
  prompt_version: number | null;
  replies_to: string | null;
  revoked_at: Timestamp | null;
  sent_at: Timestamp;
  tool_calls: Json | null;
  turn_id: string | null;
  type: string;
  wants_answer: Generated<boolean>;
  whatsapp_message_id: string | null;
}

export interface ObsoleteMedia {
  created_at: Generated<Timestamp>;
  storage_key: string;
}

export interface Organizations {
  billing_period_start: Generated<Timestamp>;
  created_at: Generated<Timestamp>;
  id: Generated<string>;
  is_active: Generated<boolean>;
  logo: string | null;
  message_limit_monthly: Generated<number>;
  metadata: string | null;
  name: string;
  slug: string;
  token_limit_monthly: Generated<Int8>;
  updated_at: Generated<Timestamp>;
}

export interface OrgIntegrations {
  checked_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  credentials: Generated<Json>;
  description: Generated<string>;
  error_code: string | null;
  id: Generated<string>;
  is_active: Generated<boolean>;
  name: string;
  organization_id: string;
  provider: "builtin" | "mcp" | "windmill" | "http";
  settings: Generated<Json>;
  updated_at: Generated<Timestamp>;
}

export interface OutboundMessages {
  attempts: Generated<number>;
  chatbot_id: string;
  content: Json;
  conversation_id: string;
  created_at: Generated<Timestamp>;
  error_code: string | null;
  handed_over_at: Generated<Timestamp>;
  id: Generated<string>;
  meta_error_code: number | null;
  organization_id: string;
  position: number;
  state: "pending" | "sending" | "sent" | "failed";
  turn_id: string;
  whatsapp_message_id: string | null;
}

export interface PromptVersions {
  author: string;
  chatbot_id: string;
  content: Json;
  created_at: Generated<Timestamp>;
  id: Generated<string>;
  note: Generated<string>;
  number: number;
  organization_id: string;
  published_at: Timestamp | null;
  status: "draft" | "published" | "archived";
  updated_at: Generated<Timestamp>;
}

export interface RateLimits {
  count: number;
  id: Generated<string>;
  key: string;
  last_request: Int8;
}

export interface RecentToolFailures {
  chatbot_id: string | null;
  chatbot_name: string | null;
  conversation_id: string | null;
  created_at: Timestamp | null;
  duration_ms: number | null;
  error_code: string | null;
  error_message: string | null;
  id: string | null;
  organization_id: string | null;
  status: string | null;
  tool_name: string | null;
  tool_type: string | null;
  turn_id: string | null;
}

export interface Sessions {
  active_organization_id: string | null;
  created_at: Generated<Timestamp>;
  expires_at: Timestamp;
  id: Generated<string>;
  ip_address: string | null;
  token: string;
  updated_at: Generated<Timestamp>;
  user_agent: string | null;
  user_id: string;
}

export interface SourceVersions {
  chatbot_id: string;
  chunks_done: Generated<number>;
  chunks_total: number;
  created_at: Generated<Timestamp>;
  embedding_model: string;
  fingerprint: string;
  id: Generated<Int8>;
  organization_id: string;
  source_id: string;
  state: Generated<"preparing" | "ready" | "live" | "retired">;
  tokens_unlogged: Generated<Int8>;
}

export interface SystemAlerts {
  acknowledged_at: Timestamp | null;
  acknowledged_by: string | null;
  alert_type: string;
  chatbot_id: string | null;
  created_at: Generated<Timestamp>;
  dedupe_key: string | null;
  details: Generated<Json>;
  error_code: string | null;
  first_occurred_at: Generated<Timestamp>;
  flow_id: string | null;
  id: Generated<string>;
  last_occurred_at: Generated<Timestamp>;
  message: string;
  notified_at: Timestamp | null;
  occurrences: Generated<number>;
  organization_id: string | null;
  severity: "critical" | "error" | "warning" | "info";
  step_id: string | null;
  turn_id: string | null;
}

export interface ToolConfirmations {
  answered_turn_id: string | null;
  arguments: string;
  chatbot_id: string;
  conversation_id: string;
  created_at: Generated<Timestamp>;
  expires_at: Generated<Timestamp>;
  id: string;
  integration_id: string;
  organization_id: string;
  state: Generated<"pending" | "confirmed" | "cancelled" | "replaced">;
  tool_call_id: string;
  tool_name: string;
}

export interface ToolExecutions {
  arguments: Generated<Json>;
  chatbot_id: string;
  conversation_id: string | null;
  created_at: Generated<Timestamp>;
  duration_ms: number | null;
  effects: Generated<"none" | "outside">;
  error_code: string | null;
  error_message: string | null;
  id: Generated<string>;
  integration_id: string | null;
  organization_id: string;
  result: Json | null;
  status: "success" | "failed" | "timeout" | "unknown";
  step_id: string | null;
  tool_call_id: string | null;
  tool_name: string;
  tool_type: "builtin" | "mcp" | "windmill" | "http";
  turn_id: string | null;
}

export interface ToolUsageStats {
  chatbot_id: string | null;
  chatbot_name: string | null;
  duration_ms_mean: number | null;
  duration_ms_p95: number | null;
  failures: Int8 | null;
  last_used_at: Timestamp | null;
  organization_id: string | null;
  success_percent: number | null;
  successes: Int8 | null;
  timeouts: Int8 | null;
  tool_name: string | null;
  tool_type: string | null;
  total: Int8 | null;
  unknowns: Int8 | null;
}

export interface Turns {
  attempt: number;
  error_code: string | null;
  finished_at: Generated<Timestamp>;
  handler: string;
  id: string;
  key: string;
  messages: Json;
  organization_id: string | null;
  queued_at: Timestamp | null;
  status: "done" | "failed" | "superseded" | "skipped";
  upto: Int8;
}

export interface TwoFactors {
  backup_codes: string;
  failed_verification_count: number | null;
  id: Generated<string>;
  locked_until: Timestamp | null;
  secret: string;
  user_id: string;
  verified: boolean | null;
}

export interface UploadedMedia {
  chatbot_id: string;
  expires_at: Timestamp;
  file_path: string;
  media_id: string;
  organization_id: string;
  phone_number_id: string;
  source_id: string;
}

export interface UsageLogs {
  audio_ms: number | null;
  chatbot_id: string | null;
  conversation_id: string | null;
  cost_micros: Int8 | null;
  created_at: Generated<Timestamp>;
  currency: Generated<string>;
  id: Generated<string>;
  kind: Generated<"answer" | "discarded draft" | "failed turn" | "embedding" | "transcription" | "reranking" | "test">;
  message_id: string | null;
  model: string;
  organization_id: string;
  source_id: string | null;
  tokens_cached: Generated<number>;
  tokens_completion: Generated<number>;
  tokens_prompt: Generated<number>;
  tokens_total: Generated<number>;
  turn_id: string | null;
}

export interface UsageSummary {
  check_from_messages: Generated<number>;
  check_from_tokens: Generated<Int8>;
  current_period_messages: Generated<number>;
  current_period_start: Generated<Timestamp>;
  current_period_tokens: Generated<Int8>;
  limit_reached_at: Timestamp | null;
  organization_id: string;
  updated_at: Generated<Timestamp>;
  warned_at: Timestamp | null;
}

export interface Users {
  created_at: Generated<Timestamp>;
  email: string;
  email_verified: Generated<boolean>;
  id: Generated<string>;
  image: string | null;
  name: string;
  two_factor_enabled: Generated<boolean | null>;
  updated_at: Generated<Timestamp>;
}

export interface Verifications {
  created_at: Generated<Timestamp>;
  expires_at: Timestamp;
  id: Generated<string>;
  identifier: string;
  updated_at: Generated<Timestamp>;
  value: string;
}

export interface WebhookEvents {
  chatbot_id: string | null;
  created_at: Generated<Timestamp>;
  error_code: string | null;
  field: string;
  id: Generated<string>;
  organization_id: string | null;
  outcome: "accepted" | "recorded" | "unrouted" | "failed";
  payload: Json;
  phone_number_id: string | null;
}

export interface Workers {
  id: string;
  lock_key: number;
  seen_at: Generated<Timestamp>;
  started_at: Generated<Timestamp>;
}

export interface DB {
  accounts: Accounts;
  api_keys: ApiKeys;
  audit_logs: AuditLogs;
  chatbot_integrations: ChatbotIntegrations;
  chatbot_spend: ChatbotSpend;
  chatbot_terms: ChatbotTerms;
  chatbots: Chatbots;
  chunk_terms: ChunkTerms;
  contacts: Contacts;
  conversation_notes: ConversationNotes;
  conversations: Conversations;
  delivery_statuses: DeliveryStatuses;
  document_chunks: DocumentChunks;
  invitations: Invitations;
  key_ring_check: KeyRingCheck;
  knowledge_gaps: KnowledgeGaps;
  knowledge_sources: KnowledgeSources;
  mailboxes: Mailboxes;
  members: Members;
  message_media: MessageMedia;
  messages: Messages;
  obsolete_media: ObsoleteMedia;
  org_integrations: OrgIntegrations;
  organizations: Organizations;
  outbound_messages: OutboundMessages;
  prompt_versions: PromptVersions;
  rate_limits: RateLimits;
  recent_tool_failures: RecentToolFailures;
  sessions: Sessions;
  source_versions: SourceVersions;
  system_alerts: SystemAlerts;
  tool_confirmations: ToolConfirmations;
  tool_executions: ToolExecutions;
  tool_usage_stats: ToolUsageStats;
  turns: Turns;
  two_factors: TwoFactors;
  uploaded_media: UploadedMedia;
  usage_logs: UsageLogs;
  usage_summary: UsageSummary;
  users: Users;
  verifications: Verifications;
  webhook_events: WebhookEvents;
  workers: Workers;
}
