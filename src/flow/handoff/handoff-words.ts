/** How people ask for a person, or say that the bot does not help, in one language. */
export type HandoffWords = {
  /** Asks for a person when it is the whole message, politeness aside. */
  readonly alone: readonly string[];
  /** Asks for one when a beginning and an end follow each other, anywhere in a short message. */
  readonly beginnings: readonly string[];
  readonly ends: readonly string[];
  /** The same, in one piece. */
  readonly phrases: readonly string[];
  /** Politeness around a word that stands alone. */
  readonly courtesies: readonly string[];
  /** Shortly before a phrase they turn it round. */
  readonly negations: readonly string[];
  /** Says that an answer did not help. */
  readonly complaints: readonly string[];
};

/**
 * The words by language. Written to be sure rather than complete: what they miss, the model still
 * understands and hands over with its tool; what they find costs no model call and never fails.
 * Words that customers also use of other things ("person" in a sentence, "cancel") are left out.
 */
export const HANDOFF_WORDS: Readonly<Record<string, HandoffWords>> = {
  en: {
    alone: list(`
      human, a human, person, a person, real person, a real person, agent,
      an agent, human agent, live agent, operator, representative, live chat,
      customer service, customer support, talk to someone, speak to someone,
      i want a human, i need a human, get me a human, i want an agent`),
    beginnings: list(`
      talk to, talk with, speak to, speak with, chat with, connect me to,
      connect me with, transfer me to, put me through to, forward me to`),
    ends: list(`
      a human, a human being, a real human, a person, a real person, someone,
      somebody, someone real, an agent, a human agent, a live agent, an operator,
      a representative, a live person, an employee, a colleague, customer service,
      customer support, support staff, a member of staff, human, real person, agent`),
    phrases: [],
    courtesies: list("please, pls, hi, hello, hey, ok, now, thanks"),
    negations: list("don't, dont, not, never, without, no"),
    complaints: list(`
      doesn't help, does not help, didn't help, did not help, not helpful,
      not helping, that's wrong, that is wrong, wrong answer, you don't understand,
      you didn't understand, not what i asked, didn't answer my question,
      did not answer my question, you are useless, you're useless, this is useless,
      useless bot, stupid bot, you keep saying the same`),
  },
  pt: {
    alone: list(`
      humano, um humano, atendente, um atendente, uma pessoa, pessoa real,
      operador, atendimento humano, falar com alguém, quero um atendente`),
    beginnings: list(`
      falar com, conversar com, ser atendido por, me passa para, me passe para,
      me transfere para, me transfira para, transferir para, passar para`),
    ends: list(`
      uma pessoa, uma pessoa real, uma pessoa de verdade, alguém, um humano,
      um ser humano, um atendente, uma atendente, atendente, um agente,
      um operador, um funcionário, um colaborador, um assistente humano, humano`),
    phrases: list("quero um atendente, quero atendimento humano"),
    courtesies: list("por, favor, olá, oi, bom, boa, dia, tarde, noite, agora"),
    negations: list("não, nao, sem"),
    complaints: list(`
      não ajuda, não ajudou, não me ajudou, não está ajudando, não adianta,
      não entendeu, você não entende, não foi isso que perguntei, não é isso,
      não respondeu, resposta errada, está errado, não resolveu, não resolve`),
  },
  es: {
    alone: list(`
      humano, un humano, agente, un agente, asesor, un asesor, una persona,
      persona real, operador, representante, atención al cliente,
      hablar con alguien, quiero un asesor, quiero un agente`),
    beginnings: list(`
      hablar con, chatear con, comunicarme con, comuníqueme con, comunícame con,
      páseme con, pásame con, transfiérame a, transfiéreme a, que me atienda`),
    ends: list(`
      una persona, una persona real, una persona de verdad, alguien, un humano,
      un ser humano, un agente, un asesor, una asesora, un operador,
      un representante, un empleado, atención al cliente, servicio al cliente`),
    phrases: [],
    courtesies: list("por, favor, hola, buenos, buenas, días, tardes, ahora"),
    negations: list("no, sin, nunca"),
    complaints: list(`
      no me ayuda, no ayuda, no me ayudó, no me sirve, no sirve de nada,
      no entiendes, no me entiende, no me entiendes, no me has entendido,
      no es lo que pregunté, no respondiste, no responde mi pregunta,
      respuesta incorrecta, respuesta equivocada, no resuelve`),
  },
  tr: {
    alone: list(`
      insan, temsilci, müşteri temsilcisi, müşteri hizmetleri, yetkili, operatör,
      canlı destek, yetkiliyle görüşmek istiyorum`),
    beginnings: list(`
      bir insanla, insanla, gerçek bir insanla, gerçek biriyle, biriyle,
      birisiyle, bir yetkiliyle, yetkiliyle, yetkili biriyle, bir temsilciyle,
      temsilciyle, müşteri temsilcisiyle, müşteri temsilcisi ile, temsilci ile,
      yetkili ile, insan ile, bir insan ile, operatörle, canlı destekle`),
    ends: list(`
      görüşmek, konuşmak, görüşebilir, konuşabilir, görüşeyim, konuşayım,
      bağlanmak, yazışmak`),
    phrases: list(`
      temsilciye bağla, temsilciye bağlayın, temsilciye bağlanmak, yetkiliye bağla,
      temsilcisine bağla, temsilcisine bağlayın, temsilcisine bağlanmak,
      yetkiliye bağlayın, bir insana bağla, bir insana bağlayın, canlı desteğe bağla`),
    courtesies: list("lütfen, merhaba, selam"),
    // Turkish denies after the verb, in forms that the phrases do not hold
    negations: [],
    complaints: list(`
      yardımcı olmuyor, yardımcı olmuyorsun, yardımcı olmuyorsunuz,
      yardımcı olmadı, işe yaramıyor, işe yaramadı, anlamıyorsun, anlamadın,
      anlamıyorsunuz, sorduğum bu değil, bunu sormadım, yanlış cevap,
      cevap vermedin, soruma cevap vermedi`),
  },
  ar: {
    alone: list(`
      موظف, إنسان, شخص حقيقي, خدمة العملاء, ممثل خدمة العملاء,
      موظف خدمة العملاء`),
    beginnings: list(`
      التحدث مع, أتحدث مع, أتكلم مع, التكلم مع, الكلام مع, التحدث إلى,
      أتحدث إلى, التواصل مع, أتواصل مع, حولني إلى, حولوني إلى, أحكي مع`),
    ends: list(`
      شخص, شخص حقيقي, إنسان, إنسان حقيقي, موظف, أحد, أحد الموظفين,
      موظف خدمة العملاء, خدمة العملاء, ممثل, ممثل خدمة العملاء, بشر`),
    phrases: [],
    courtesies: list("من, فضلك, لو, سمحت, مرحبا, السلام, عليكم"),
    negations: list("لا, لم, لن, ليس, بدون"),
    complaints: list(`
      لم تساعدني, لا تساعدني, لا يساعد, لا يساعدني, لا يفيد, غير مفيد,
      لم تفهم, لا تفهم, ليس هذا ما سألت, ليس هذا سؤالي, لم تجب على سؤالي,
      إجابة خاطئة`),
  },
  hi: {
    alone: list(`
      इंसान, एजेंट, प्रतिनिधि, कस्टमर केयर, असली इंसान, कस्टमर सर्विस,
      insaan, kisi insaan se baat`),
    beginnings: list(`
      किसी इंसान से, इंसान से, असली इंसान से, किसी व्यक्ति से, व्यक्ति से,
      किसी एजेंट से, एजेंट से, किसी प्रतिनिधि से, प्रतिनिधि से, किसी आदमी से,
      कस्टमर केयर से, किसी कर्मचारी से, kisi insaan se, insaan se, agent se,
      kisi agent se, kisi se, किसी से`),
    ends: list(`
      बात करना, बात करनी, बात कराओ, बात कराइए, बात करवाओ, बात करवाइए,
      बात करा, बात करवा, बात कर, baat karna, baat karni, baat karao,
      baat karwao, baat kara`),
    phrases: [],
    courtesies: list("कृपया, नमस्ते, प्लीज, चाहिए, मुझे, please, mujhe"),
    negations: list("नहीं, मत, बिना, nahi, nahin"),
    complaints: list(`
      मदद नहीं हुई, मदद नहीं मिली, कोई मदद नहीं, काम नहीं आया, समझ नहीं रहे,
      नहीं समझे, यह नहीं पूछा, ये नहीं पूछा, गलत जवाब, जवाब नहीं दिया,
      samajh nahi rahe, madad nahi, galat jawab`),
  },
  de: {
    alone: list(`
      mensch, ein mensch, einen menschen, echter mensch, mitarbeiter,
      mitarbeiterin, einen mitarbeiter, berater, kundenservice, kundendienst,
      kundenbetreuung, mit jemandem sprechen`),
    beginnings: list(`
      mit einem menschen, mit einem echten menschen, mit einem richtigen menschen,
      mit einer person, mit einer echten person, mit jemandem, mit jemand,
      mit einem mitarbeiter, mit einer mitarbeiterin, mit einem berater,
      mit einer beraterin, mit einem kollegen, mit einer kollegin,
      mit dem kundenservice, mit dem kundendienst, mit einem agenten`),
    ends: list("sprechen, reden, chatten, verbinden, schreiben, telefonieren"),
    phrases: list(`
      verbinden sie mich mit einem menschen, verbinden sie mich mit einem mitarbeiter,
      verbinde mich mit einem menschen, verbinde mich mit einem mitarbeiter`),
    courtesies: list("bitte, hallo, guten, tag, morgen, abend, ich, will, möchte"),
    negations: list("nicht, kein, keinen, keinem, ohne, nie"),
    complaints: list(`
      hilft mir nicht, hilft nicht, hilft mir nicht weiter, nicht hilfreich,
      verstehst mich nicht, verstehen mich nicht, nicht verstanden,
      nicht meine frage, habe ich nicht gefragt, falsche antwort, das ist falsch,
      beantwortet meine frage nicht, bringt mir nichts`),
  },
  fr: {
    alone: list(`
      humain, un humain, conseiller, un conseiller, une personne,
      opérateur, service client, vraie personne, parler à quelqu'un`),
    beginnings: list(`
      parler à, parler avec, discuter avec, échanger avec, en relation avec,
      transférez moi à, transférez moi vers, passez moi, joindre`),
    ends: list(`
      une personne, une vraie personne, quelqu'un, un humain, un vrai humain,
      un être humain, un conseiller, une conseillère, un agent, un opérateur,
      un représentant, un employé, le service client, un responsable`),
    phrases: [],
    courtesies: list("bonjour, salut, svp, s'il, vous, plaît, je, veux, merci"),
    negations: list("pas, ne, sans, jamais"),
    complaints: list(`
      ne m'aide pas, n'aide pas, ne m'aidez pas, pas utile, vous ne comprenez pas,
      tu ne comprends pas, n'avez pas compris, ce n'est pas ma question,
      pas ce que j'ai demandé, mauvaise réponse, ne répond pas à ma question,
      ne sert à rien`),
  },
};

/** Phrases are parted by commas. */
function list(phrases: string): readonly string[] {
  return phrases.split(",").map((phrase) => phrase.trim());
}
