/** The languages in which the demo model can be polite. */
export type DemoLanguage = "en" | "pt" | "es" | "fr" | "de" | "it" | "tr" | "id" | "ar" | "hi";

/** What the demo model knows of one language: how people say things to it, and what it says. */
export type DemoPhrases = {
  /** Lower-case, without punctuation; the longest one that fits wins. */
  readonly greetings: readonly string[];
  readonly thanks: readonly string[];
  readonly goodbyes: readonly string[];
  /** Small words that give a language away when nobody greets. */
  readonly commonWords: readonly string[];
  readonly greeting: string;
  readonly welcome: string;
  readonly goodbye: string;
  /** Follows a quoted question when no documents can be searched. */
  readonly noDocuments: (question: string) => string;
  /** Follows a quoted question when the documents do not hold it. */
  readonly notFound: (question: string) => string;
  readonly source: (name: string) => string;
};

function list(phrases: string): readonly string[] {
  return phrases.split(", ");
}

/** Keyed by ISO 639-1; the first language is the one for texts that cannot be told. */
export const DEMO_PHRASES: Readonly<Record<DemoLanguage, DemoPhrases>> = {
  en: {
    greetings: list(
      "hi there, hello there, hello, hey, hi, good morning, good afternoon, good evening",
    ),
    thanks: list(
      "thank you very much, thank you so much, thank you, many thanks, thanks a lot, thanks, thx",
    ),
    goodbyes: list("goodbye, good bye, bye bye, bye, see you, good night"),
    commonWords: list(
      "the, is, are, what, how, where, when, do, does, you, your, can, i, have, much, and",
    ),
    greeting: "Hello! How can I help you?",
    welcome: "You are welcome!",
    goodbye: "Goodbye!",
    noDocuments: (question) =>
      `I am Parley's demo model. I can greet you and quote from documents, but nobody has given me documents yet, so I cannot answer ${question}.`,
    notFound: (question) => `I found nothing about ${question} in the documents that I was given.`,
    source: (name) => `Source: ${name}`,
  },
  pt: {
    greetings: list("olá, ola, oi, bom dia, boa tarde, boa noite, e aí"),
    thanks: list("muito obrigado, muito obrigada, obrigado, obrigada, valeu"),
    goodbyes: list("tchau, até logo, até mais, adeus"),
    commonWords: list(
      "o, os, vocês, você, qual, quais, quanto, como, onde, quando, não, é, são, tem, têm, uma, um, para, do, da",
    ),
    greeting: "Olá! Como posso ajudar?",
    welcome: "De nada!",
    goodbye: "Até logo!",
    noDocuments: (question) =>
      `Sou o modelo de demonstração do Parley. Sei cumprimentar e citar documentos, mas ainda não recebi nenhum, então não consigo responder a ${question}.`,
    notFound: (question) => `Não encontrei nada sobre ${question} nos documentos que recebi.`,
    source: (name) => `Fonte: ${name}`,
  },
  es: {
    greetings: list(
      "hola, buenos días, buenos dias, buenas tardes, buenas noches, buenas, qué tal",
    ),
    thanks: list("muchas gracias, mil gracias, gracias"),
    goodbyes: list("adiós, adios, hasta luego, chao, nos vemos"),
    commonWords: list(
      "el, los, las, qué, cuál, cuánto, cuánta, cómo, dónde, cuándo, usted, ustedes, tienen, es, son, está, una, un, para, del",
    ),
    greeting: "¡Hola! ¿En qué puedo ayudarle?",
    welcome: "¡De nada!",
    goodbye: "¡Hasta luego!",
    noDocuments: (question) =>
      `Soy el modelo de demostración de Parley. Puedo saludar y citar documentos, pero todavía no me han dado ninguno, así que no puedo responder a ${question}.`,
    notFound: (question) => `No encontré nada sobre ${question} en los documentos que tengo.`,
    source: (name) => `Fuente: ${name}`,
  },
  fr: {
    greetings: list("bonjour, bonsoir, salut, coucou"),
    thanks: list("merci beaucoup, merci bien, merci"),
    goodbyes: list("au revoir, à bientôt, bonne nuit, bonne journée"),
    commonWords: list(
      "le, les, des, est, sont, vous, votre, quel, quelle, quels, combien, comment, où, quand, avez, je, une, pour, pas",
    ),
    greeting: "Bonjour ! Comment puis-je vous aider ?",
    welcome: "Je vous en prie !",
    goodbye: "Au revoir !",
    noDocuments: (question) =>
      `Je suis le modèle de démonstration de Parley. Je sais saluer et citer des documents, mais personne ne m'en a encore donné, je ne peux donc pas répondre à ${question}.`,
    notFound: (question) =>
      `Je n'ai rien trouvé sur ${question} dans les documents que j'ai reçus.`,
    source: (name) => `Source : ${name}`,
  },
  de: {
    greetings: list("hallo, guten tag, guten morgen, guten abend, moin, servus, grüß gott"),
    thanks: list("vielen dank, danke schön, dankeschön, danke"),
    goodbyes: list("auf wiedersehen, tschüss, tschüß, bis bald, gute nacht"),
    commonWords: list(
      "der, die, das, ist, sind, wie, wo, wann, was, welche, haben, sie, ihr, ich, ein, eine, für, nicht, kostet, und",
    ),
    greeting: "Hallo! Wie kann ich helfen?",
    welcome: "Gern geschehen!",
    goodbye: "Auf Wiedersehen!",
    noDocuments: (question) =>
      `Ich bin das Demo-Modell von Parley. Ich kann grüßen und aus Dokumenten zitieren, habe aber noch keine bekommen; deshalb kann ich ${question} nicht beantworten.`,
    notFound: (question) => `In den Dokumenten, die ich habe, steht nichts zu ${question}.`,
    source: (name) => `Quelle: ${name}`,
  },
  it: {
    greetings: list("ciao, buongiorno, buon giorno, buonasera, buona sera, salve"),
    thanks: list("grazie mille, molte grazie, grazie"),
    goodbyes: list("arrivederci, a presto, buonanotte"),
    commonWords: list(
      "il, gli, che, qual, quali, quanto, come, dove, quando, sono, avete, non, una, della, è, per",
    ),
    greeting: "Ciao! Come posso aiutarti?",
    welcome: "Prego!",
    goodbye: "Arrivederci!",
    noDocuments: (question) =>
      `Sono il modello dimostrativo di Parley. So salutare e citare documenti, ma nessuno me ne ha ancora dati, quindi non posso rispondere a ${question}.`,
    notFound: (question) => `Non ho trovato nulla su ${question} nei documenti che ho.`,
    source: (name) => `Fonte: ${name}`,
  },
  tr: {
    greetings: list("merhaba, selam, günaydın, iyi günler, iyi akşamlar, selamünaleyküm"),
    thanks: list(
      "çok teşekkür ederim, teşekkür ederim, çok teşekkürler, teşekkürler, sağ olun, sağol",
    ),
    goodbyes: list("hoşça kal, görüşürüz, güle güle, iyi geceler"),
    commonWords: list(
      "ne, nasıl, nerede, kaç, hangi, mi, mı, mu, mü, var, bir, ve, için, bu, saat, zaman",
    ),
    greeting: "Merhaba! Size nasıl yardımcı olabilirim?",
    welcome: "Rica ederim!",
    goodbye: "Hoşça kalın!",
    noDocuments: (question) =>
      `Ben Parley'in demo modeliyim. Selamlaşabilir ve belgelerden alıntı yapabilirim, ama bana henüz belge verilmedi; bu yüzden ${question} sorusunu yanıtlayamıyorum.`,
    notFound: (question) => `Bana verilen belgelerde ${question} hakkında bir şey bulamadım.`,
    source: (name) => `Kaynak: ${name}`,
  },
  id: {
    greetings: list("halo, selamat pagi, selamat siang, selamat sore, selamat malam"),
    thanks: list("terima kasih banyak, terima kasih, makasih"),
    goodbyes: list("sampai jumpa, selamat tinggal, dadah"),
    commonWords: list(
      "apa, apakah, bagaimana, berapa, dimana, kapan, yang, ada, anda, saya, di, untuk, dan, jam",
    ),
    greeting: "Halo! Ada yang bisa saya bantu?",
    welcome: "Sama-sama!",
    goodbye: "Sampai jumpa!",
    noDocuments: (question) =>
      `Saya model demo Parley. Saya bisa menyapa dan mengutip dokumen, tetapi belum ada dokumen yang diberikan, jadi saya tidak bisa menjawab ${question}.`,
    notFound: (question) =>
      `Saya tidak menemukan apa pun tentang ${question} dalam dokumen yang ada.`,
    source: (name) => `Sumber: ${name}`,
  },
  ar: {
    greetings: list("السلام عليكم, سلام عليكم, مرحبا, مرحباً, أهلا, اهلا, صباح الخير, مساء الخير"),
    thanks: list("شكرا جزيلا, شكراً جزيلاً, شكرا, شكراً"),
    goodbyes: list("مع السلامة, إلى اللقاء, وداعا, تصبح على خير"),
    commonWords: [],
    greeting: "مرحبًا! كيف يمكنني مساعدتك؟",
    welcome: "على الرحب والسعة!",
    goodbye: "مع السلامة!",
    noDocuments: (question) =>
      `أنا النموذج التجريبي لـ Parley. يمكنني الترحيب بك والاقتباس من المستندات، لكن لم يزودني أحد بمستندات بعد، لذلك لا أستطيع الإجابة عن ${question}.`,
    notFound: (question) => `لم أجد شيئًا عن ${question} في المستندات التي لدي.`,
    source: (name) => `المصدر: ${name}`,
  },
  hi: {
    greetings: list("नमस्ते, नमस्कार, हैलो, हेलो, सुप्रभात"),
    thanks: list("बहुत धन्यवाद, बहुत बहुत धन्यवाद, धन्यवाद, शुक्रिया"),
    goodbyes: list("अलविदा, फिर मिलेंगे, शुभ रात्रि"),
    commonWords: [],
    greeting: "नमस्ते! मैं आपकी क्या मदद कर सकता हूँ?",
    welcome: "आपका स्वागत है!",
    goodbye: "अलविदा!",
    noDocuments: (question) =>
      `मैं Parley का डेमो मॉडल हूँ। मैं अभिवादन कर सकता हूँ और दस्तावेज़ों से उद्धरण दे सकता हूँ, लेकिन मुझे अभी कोई दस्तावेज़ नहीं मिला है, इसलिए मैं ${question} का उत्तर नहीं दे सकता।`,
    notFound: (question) => `मुझे दिए गए दस्तावेज़ों में ${question} के बारे में कुछ नहीं मिला।`,
    source: (name) => `स्रोत: ${name}`,
  },
};

/** Joins quoted questions of one reply. */
export const QUESTION_SEPARATOR = " · ";
