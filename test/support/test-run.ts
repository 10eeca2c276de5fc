/** Names of the databases that one run of the tests makes on a server begin so. */
export const testDatabasePrefix = (run: string): string => `parley_test_${run}_`;

/** Where global-setup.ts tells the processes of the tests which run they belong to. */
export const TEST_RUN = "PARLEY_TEST_RUN";
