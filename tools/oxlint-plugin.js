// Parley's own lint rules: what style demands and no built-in rule can say. Plain JavaScript,
// because oxlint loads it itself; tools/lint-rules.test.ts sees each of them fail.

const SQL_STATEMENT =
  /^\s*((select|SELECT)\s[^]*\s(from|FROM)\s|(insert into|INSERT INTO)\s|(update|UPDATE)\s+\S+\s+(set|SET)\s|(delete from|DELETE FROM)\s|(with|WITH)\s+\w+\s+(as|AS)\s*\()/;

/** SQL is written in src/store only: as a tagged template or as the text of a query. */
const sqlInStore = {
  create(context) {
    const report = (node) =>
      context.report({
        node,
        message: "SQL is written in src/store only: add a function there and call it.",
      });
    return {
      TaggedTemplateExpression(node) {
        const tag = node.tag.type === "MemberExpression" ? node.tag.object : node.tag;
        if (tag.type === "Identifier" && tag.name === "sql") report(node);
      },
      Literal(node) {
        if (typeof node.value === "string" && SQL_STATEMENT.test(node.value)) report(node);
      },
      TemplateLiteral(node) {
        const isTagged = node.parent?.type === "TaggedTemplateExpression";
        if (!isTagged && SQL_STATEMENT.test(node.quasis[0]?.value.raw ?? "")) report(node);
      },
    };
  },
};

const WHAT_A_FUNCTION_TAKES = /(Deps|Input|Options)$/;

/**
 * Every exported declaration is explained by a doc comment right above it. Spared are types that only
 * name what the function of their file takes: their name says it.
 */
const exportHasDoc = {
  create(context) {
    return {
      ExportNamedDeclaration(node) {
        if (!node.declaration) return;
        const comment = context.sourceCode.getCommentsBefore(node).at(-1);
        if (WHAT_A_FUNCTION_TAKES.test(node.declaration.id?.name ?? "")) return;
        const isDoc = comment?.type === "Block" && comment.value.startsWith("*");
        if (!isDoc && !isTwinOfConst(node)) {
          context.report({
            node: node.declaration.id ?? node,
            message: "Say in a doc comment what this export is for.",
          });
        }
      },
    };
  },
};

/** `export type X = z.infer<typeof X>` beside `export const X` shares the comment of the constant. */
function isTwinOfConst(node) {
  if (node.declaration.type !== "TSTypeAliasDeclaration") return false;
  const siblings = node.parent.body;
  const before = siblings[siblings.indexOf(node) - 1]?.declaration;
  return before?.type === "VariableDeclaration";
}

/** A call such as `send(message, true)` cannot be read: use an object, or two functions. */
const noBooleanParameter = {
  create(context) {
    const check = (node) => {
      for (const parameter of node.params) {
        const identifier = parameter.type === "AssignmentPattern" ? parameter.left : parameter;
        const isBoolean = identifier.typeAnnotation?.typeAnnotation.type === "TSBooleanKeyword";
        const isFlag =
          parameter.type === "AssignmentPattern" && typeof parameter.right.value === "boolean";
        if (isBoolean || isFlag) {
          context.report({
            node: parameter,
            message: "No boolean parameters: take an object, or write two functions.",
          });
        }
      }
    };
    return {
      FunctionDeclaration: check,
      "VariableDeclarator > ArrowFunctionExpression": check,
    };
  },
};

/** Functions and plain objects everywhere; the one class is the error that carries a code. */
const onlyAppErrorClass = {
  create(context) {
    const check = (node) => {
      if (node.id?.name !== "AppError") {
        context.report({
          node,
          message:
            "No classes: a thing with a lifetime is createX() returning functions and close().",
        });
      }
    };
    return { ClassDeclaration: check, ClassExpression: check };
  },
};

/** A disabled rule says why: `oxlint-disable-next-line rule -- reason`. */
const disableNamesReason = {
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const text = comment.value.trim();
          if (/^(oxlint|eslint)-disable/.test(text) && !/ -- \S/.test(text)) {
            context.report({
              loc: comment.loc,
              message: "Say why the rule is disabled: `oxlint-disable-next-line rule -- reason`.",
            });
          }
        }
      },
    };
  },
};

export default {
  meta: { name: "parley" },
  rules: {
    "sql-in-store": sqlInStore,
    "export-has-doc": exportHasDoc,
    "no-boolean-parameter": noBooleanParameter,
    "only-app-error-class": onlyAppErrorClass,
    "disable-names-reason": disableNamesReason,
  },
};
