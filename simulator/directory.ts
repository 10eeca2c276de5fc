import { z } from "zod";

/** A person on WhatsApp, as a test or the page describes them. */
export const customerInputSchema = z.strictObject({
  /** Name for tests and addresses; made from the phone number or user id when missing. */
  id: z.string().min(1).optional(),
  name: z.string().max(256).optional(),
  /** E.164 with the plus sign. Missing: the person shows only a user id to businesses. */
  phone: z
    .string()
    .regex(/^\+[1-9]\d{5,14}$/)
    .optional(),
  /** Business-scoped user id (BSUID), such as `US.13491208655302741918`. */
  userId: z
    .string()
    .regex(/^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/)
    .optional(),
  username: z.string().optional(),
});
export type CustomerInput = z.infer<typeof customerInputSchema>;

/** A person the simulator knows. At least one of `phone` and `userId` is there. */
export type Customer = {
  readonly id: string;
  readonly name: string | null;
  readonly phone: string | null;
  readonly userId: string | null;
  readonly username: string | null;
};

/** A business number, as a test or the page describes it. */
export const phoneNumberInputSchema = z.strictObject({
  phoneNumberId: z.string().min(1),
  displayName: z.string().min(1).optional(),
  displayPhoneNumber: z
    .string()
    .regex(/^\+[1-9]\d{5,14}$/)
    .optional(),
  /** WhatsApp Business Account that owns the number. */
  accountId: z.string().min(1).optional(),
  /** When set, only this token may send. */
  accessToken: z.string().min(1).optional(),
  /** When the number belongs to another Meta app than the rest. */
  appSecret: z.string().min(1).optional(),
  webhookUrl: z.string().optional(),
});
export type PhoneNumberInput = z.infer<typeof phoneNumberInputSchema>;

/** A business number that the fake Graph API serves. */
export type PhoneNumber = {
  readonly phoneNumberId: string;
  readonly displayName: string;
  readonly displayPhoneNumber: string;
  readonly accountId: string;
  readonly accessToken: string | null;
  readonly appSecret: string | null;
  readonly webhookUrl: string | null;
};

/** Who exists: business numbers and people. */
export type Directory = {
  readonly numbers: () => readonly PhoneNumber[];
  readonly findNumber: (phoneNumberId: string) => PhoneNumber | undefined;
  /** Adds the number, or changes what the input names of a known one. */
  readonly putNumber: (input: PhoneNumberInput) => PhoneNumber;
  readonly customers: () => readonly Customer[];
  readonly findCustomer: (id: string) => Customer | undefined;
  /** Finds by digits of the phone number or by user id, as Meta would. */
  readonly findRecipient: (recipient: {
    to?: string | undefined;
    recipient?: string | undefined;
  }) => Customer | undefined;
  /** Adds the person, or changes the one with the same id. Throws without phone and user id. */
  readonly putCustomer: (input: CustomerInput) => Customer;
};

/** People who are there from the start; Robin hides the phone number behind a username. */
export const PRESET_CUSTOMERS: readonly CustomerInput[] = [
  { id: "ana", name: "Ana Ribeiro", phone: "+351912345678", userId: "PT.4820017365529018" },
  { id: "kenji", name: "Kenji Tanaka", phone: "+819012345678", userId: "JP.7719203345810266" },
  {
    id: "fatima",
    name: "Fatima El Idrissi",
    phone: "+212612345678",
    userId: "MA.1038845520917364",
  },
  { id: "robin", name: "Robin", userId: "GB.9055127730418862", username: "robin.reads" },
];

/** What the directory needs: somebody to tell of newcomers. */
export type DirectoryDeps = {
  readonly onNumber: (number: PhoneNumber) => void;
  readonly onCustomer: (customer: Customer) => void;
};

/** Starts an empty directory. */
export function createDirectory(deps: DirectoryDeps): Directory {
  const numbers = new Map<string, PhoneNumber>();
  const customers = new Map<string, Customer>();
  const idByAddress = new Map<string, string>();
  return {
    numbers: () => [...numbers.values()],
    findNumber: (phoneNumberId) => numbers.get(phoneNumberId),
    putNumber: (input) => {
      const number = createNumber(input, numbers.get(input.phoneNumberId) ?? numbers.size);
      numbers.set(number.phoneNumberId, number);
      deps.onNumber(number);
      return number;
    },
    customers: () => [...customers.values()],
    findCustomer: (id) => customers.get(id),
    findRecipient: ({ to, recipient }) => {
      const id = idByAddress.get(to ?? recipient ?? "");
      return id === undefined ? undefined : customers.get(id);
    },
    putCustomer: (input) => {
      const customer = createCustomer(input);
      const known = customers.get(customer.id);
      if (known !== undefined && JSON.stringify(known) === JSON.stringify(customer)) return known;
      customers.set(customer.id, customer);
      if (customer.phone !== null) idByAddress.set(customer.phone.slice(1), customer.id);
      if (customer.userId !== null) idByAddress.set(customer.userId, customer.id);
      deps.onCustomer(customer);
      return customer;
    },
  };
}

function createCustomer(input: CustomerInput): Customer {
  const id = input.id ?? input.phone?.slice(1) ?? input.userId;
  if (id === undefined || (input.phone === undefined && input.userId === undefined)) {
    throw new Error("A customer needs a phone number or a user id.");
  }
  return {
    id,
    name: input.name ?? null,
    phone: input.phone ?? null,
    userId: input.userId ?? null,
    username: input.username ?? null,
  };
}

/** What the input leaves out stays as it was, or gets a default. */
function createNumber(input: PhoneNumberInput, known: PhoneNumber | number): PhoneNumber {
  const before = typeof known === "number" ? createDefaults(input.phoneNumberId, known) : known;
  return {
    phoneNumberId: input.phoneNumberId,
    displayName: input.displayName ?? before.displayName,
    displayPhoneNumber: input.displayPhoneNumber ?? before.displayPhoneNumber,
    accountId: input.accountId ?? before.accountId,
    accessToken: input.accessToken ?? before.accessToken,
    appSecret: input.appSecret ?? before.appSecret,
    webhookUrl: input.webhookUrl ?? before.webhookUrl,
  };
}

function createDefaults(phoneNumberId: string, index: number): PhoneNumber {
  return {
    phoneNumberId,
    displayName: `Business ${phoneNumberId}`,
    displayPhoneNumber: `+1555${String(1_000_000 + index)}`,
    accountId: "102290129340398",
    accessToken: null,
    appSecret: null,
    webhookUrl: null,
  };
}
