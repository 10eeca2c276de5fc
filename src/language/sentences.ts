import { type Language, toLanguage } from "#domain/language.ts";

/**
 * What Parley says in its own words, where no model speaks: polite, short, and true of any business. A
 * sentence that lacks a language does not compile. Another one is a new key here. Written for each language
 * rather than translated at run time: a person who waits gets them even when no model answers. STOP and
 * START stay as they are, since they are understood in every language (src/domain/opt-out-words.ts).
 */
const SENTENCES = {
  /** A turn has failed for good, and the chatbot has no sentence of its own for it. */
  failure: {
    en: "Sorry, I cannot answer right now. Please try again in a few minutes.",
    pt: "Desculpe, não consigo responder agora. Por favor, tente novamente em alguns minutos.",
    es: "Lo siento, ahora mismo no puedo responder. Por favor, inténtelo de nuevo en unos minutos.",
    tr: "Üzgünüm, şu anda yanıt veremiyorum. Lütfen birkaç dakika sonra tekrar deneyin.",
    ar: "عذرًا، لا يمكنني الرد الآن. يُرجى المحاولة مرة أخرى بعد بضع دقائق.",
    hi: "क्षमा करें, अभी उत्तर देना संभव नहीं है। कृपया कुछ मिनट बाद फिर से प्रयास करें।",
    de: "Es tut mir leid, ich kann gerade nicht antworten. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
    fr: "Nous sommes désolés, nous ne pouvons pas vous répondre pour le moment. Veuillez réessayer dans quelques minutes.",
  },
  /** A turn has failed for good after a tool has, or may have, changed something: asking again may do it twice. */
  partlyDone: {
    en: "Sorry, something went wrong. What you asked for may already have been done, at least in part. Please do not ask for it again just yet: a person will check.",
    pt: "Desculpe, algo correu mal. O que pediu pode já ter sido feito, pelo menos em parte. Por favor, não volte a pedi-lo por enquanto: uma pessoa vai verificar.",
    es: "Lo siento, algo ha salido mal. Es posible que lo que ha pedido ya se haya hecho, al menos en parte. Por favor, no lo pida de nuevo por ahora: una persona lo comprobará.",
    tr: "Üzgünüm, bir şeyler ters gitti. İsteğiniz en azından kısmen yerine getirilmiş olabilir. Lütfen şimdilik yeniden istemeyin: bir yetkili kontrol edecek.",
    ar: "عذرًا، حدث خطأ ما. ربما تم تنفيذ طلبك بالفعل، ولو جزئيًا. يُرجى عدم تكرار الطلب الآن: سيتحقق أحد الموظفين من الأمر.",
    hi: "क्षमा करें, कुछ गड़बड़ हो गई। हो सकता है कि आपका अनुरोध पहले ही, कम से कम आंशिक रूप से, पूरा हो चुका हो। कृपया अभी इसे दोबारा न भेजें: कोई व्यक्ति इसकी जाँच करेगा।",
    de: "Es tut mir leid, etwas ist schiefgegangen. Was Sie möchten, ist vielleicht schon ganz oder teilweise erledigt. Bitte fragen Sie vorerst nicht noch einmal danach: Ein Mensch wird es prüfen.",
    fr: "Désolé, un problème est survenu. Votre demande a peut-être déjà été traitée, au moins en partie. Veuillez ne pas la renouveler pour l’instant : une personne va vérifier.",
  },
  /** On a button: do what was described. At most 20 characters, as its neighbour. */
  confirm: {
    en: "Yes",
    pt: "Sim",
    es: "Sí",
    tr: "Evet",
    ar: "نعم",
    hi: "हाँ",
    de: "Ja",
    fr: "Oui",
  },
  /** On a button: do not do it. */
  cancel: {
    en: "No",
    pt: "Não",
    es: "No",
    tr: "Hayır",
    ar: "لا",
    hi: "नहीं",
    de: "Nein",
    fr: "Non",
  },
  /** The month's spending is used up, so that no model may be asked: trying again soon would not help. */
  quotaReached: {
    en: "Sorry, the automatic assistant cannot answer at the moment. Please contact us in another way, or write again later.",
    pt: "Desculpe, o assistente automático não pode responder de momento. Por favor, contacte-nos por outro meio ou escreva novamente mais tarde.",
    es: "Lo sentimos, el asistente automático no puede responder en este momento. Por favor, contáctenos por otro medio o vuelva a escribirnos más tarde.",
    tr: "Üzgünüz, otomatik asistan şu anda yanıt veremiyor. Lütfen bize başka bir yoldan ulaşın ya da daha sonra tekrar yazın.",
    ar: "عذرًا، لا يستطيع المساعد الآلي الرد في الوقت الحالي. يُرجى التواصل معنا بطريقة أخرى أو الكتابة إلينا لاحقًا.",
    hi: "क्षमा करें, स्वचालित सहायक इस समय उत्तर नहीं दे सकता। कृपया किसी और माध्यम से संपर्क करें या बाद में फिर लिखें।",
    de: "Es tut uns leid, der automatische Assistent kann im Moment nicht antworten. Bitte erreichen Sie uns auf einem anderen Weg oder schreiben Sie später noch einmal.",
    fr: "Nous sommes désolés, l’assistant automatique ne peut pas répondre pour le moment. Veuillez nous joindre autrement ou nous réécrire plus tard.",
  },
  /** Begins a handoff to a colleague. */
  handedOver: {
    en: "I am passing this on to a colleague, who will reply to you here in this chat. Until then I will stay silent, but you can add anything that is important.",
    pt: "Vou passar a sua conversa para um colega, que vai responder aqui mesmo neste chat. Até lá fico em silêncio, mas pode acrescentar tudo o que for importante.",
    es: "Le paso su conversación a un compañero, que le responderá aquí mismo, en este chat. Hasta entonces no intervendré, pero puede añadir todo lo que sea importante.",
    tr: "Konuşmanızı bir çalışma arkadaşıma aktarıyorum; size buradan, bu sohbetten yanıt verecek. O zamana kadar ben yazmayacağım, ama önemli olan her şeyi ekleyebilirsiniz.",
    ar: "سأحوّل محادثتك إلى أحد الزملاء، وسيرد عليك هنا في هذه المحادثة. حتى ذلك الحين لن أكتب شيئًا، لكن يمكنك إضافة كل ما هو مهم.",
    hi: "मैं आपकी बातचीत अपने एक सहकर्मी को सौंप रहा हूँ, जो आपको यहीं इसी चैट में जवाब देंगे। तब तक मैं कुछ नहीं लिखूँगा, लेकिन आप जो भी ज़रूरी हो, यहाँ लिख सकते हैं।",
    de: "Ich gebe Ihr Anliegen an eine Kollegin oder einen Kollegen weiter; die Antwort kommt hier in diesem Chat. Bis dahin halte ich mich zurück. Sie können gern noch alles Wichtige ergänzen.",
    fr: "Je transmets votre demande à un collègue, qui vous répondra ici, dans cette conversation. D’ici là, je reste silencieux, mais vous pouvez ajouter tout ce qui est important.",
  },
  /** Ends a handoff that no colleague has come to. */
  nobodyCame: {
    en: "I am sorry: none of my colleagues has been able to reply yet. They still have your request. Meanwhile I, the automatic assistant, am back. Write what you need, or ask for a person again.",
    pt: "Lamento: nenhum dos meus colegas conseguiu responder até agora. Eles continuam com o seu pedido. Entretanto eu, o assistente automático, estou de volta. Escreva o que precisa ou peça novamente para falar com uma pessoa.",
    es: "Lo siento: ninguno de mis compañeros ha podido responder todavía. Siguen teniendo su solicitud. Mientras tanto, yo, el asistente automático, estoy de vuelta. Escriba lo que necesite o pida de nuevo hablar con una persona.",
    tr: "Üzgünüm, çalışma arkadaşlarımdan hiçbiri henüz yanıt veremedi. Talebiniz hâlâ onlarda. Bu arada ben, otomatik asistan, geri döndüm. Neye ihtiyacınız olduğunu yazabilir ya da yeniden bir yetkiliyle görüşmek isteyebilirsiniz.",
    ar: "نعتذر، لم يتمكن أي من الزملاء من الرد عليك بعد. طلبك ما زال لديهم. في هذه الأثناء عدتُ أنا، المساعد الآلي. اكتب ما تحتاج إليه، أو اطلب التحدث إلى شخص مرة أخرى.",
    hi: "माफ़ कीजिए, मेरे किसी भी सहकर्मी से अब तक जवाब नहीं हो पाया। आपका अनुरोध अब भी उनके पास है। इस बीच मैं, स्वचालित सहायक, वापस आ गया हूँ। आपको जो चाहिए वह लिखें, या फिर से किसी व्यक्ति से बात करने को कहें।",
    de: "Es tut mir leid: Bisher konnte Ihnen noch niemand antworten. Ihre Anfrage liegt dem Team weiter vor. Bis dahin bin ich, der automatische Assistent, wieder da. Schreiben Sie, was Sie brauchen, oder fragen Sie noch einmal nach einem Menschen.",
    fr: "Je suis désolé : aucun de mes collègues n’a encore pu vous répondre. Ils ont toujours votre demande. En attendant, moi, l’assistant automatique, je suis de retour. Écrivez ce dont vous avez besoin, ou demandez à nouveau à parler à une personne.",
  },
  /** Ends a colleague's time with the conversation. */
  back: {
    en: "This is the automatic assistant: I am back in this chat and glad to help with anything else.",
    pt: "Aqui é o assistente automático: estou de volta a este chat e à disposição para o que precisar.",
    es: "Soy el asistente automático: estoy de vuelta en este chat y encantado de ayudarle en lo que necesite.",
    tr: "Ben otomatik asistanım: bu sohbete geri döndüm, başka bir konuda da yardımcı olmaktan memnuniyet duyarım.",
    ar: "معك المساعد الآلي: عدتُ إلى هذه المحادثة ويسعدني أن أساعدك في أي أمر آخر.",
    hi: "मैं स्वचालित सहायक हूँ: मैं इस चैट में वापस आ गया हूँ और किसी भी और बात में ख़ुशी से मदद करूँगा।",
    de: "Hier ist der automatische Assistent: Ich bin wieder in diesem Chat und helfe gern weiter.",
    fr: "C’est l’assistant automatique : je suis de retour dans cette conversation et à votre disposition.",
  },
  /** Ends a handoff because the matter is settled. */
  closed: {
    en: "My colleague has closed this request. I, the automatic assistant, am here again if you need anything else.",
    pt: "O meu colega encerrou este atendimento. Eu, o assistente automático, estou aqui de novo se precisar de mais alguma coisa.",
    es: "Mi compañero ha cerrado esta solicitud. Yo, el asistente automático, vuelvo a estar aquí si necesita algo más.",
    tr: "Çalışma arkadaşım bu talebi kapattı. Başka bir şeye ihtiyacınız olursa ben, otomatik asistan, yine buradayım.",
    ar: "أغلق زميلي هذا الطلب. أنا، المساعد الآلي، هنا من جديد إذا احتجت إلى أي شيء آخر.",
    hi: "मेरे सहकर्मी ने यह अनुरोध पूरा करके बंद कर दिया है। अगर आपको कुछ और चाहिए तो मैं, स्वचालित सहायक, फिर से यहाँ हूँ।",
    de: "Ihre Anfrage wurde abgeschlossen. Ich, der automatische Assistent, bin wieder für Sie da, falls Sie noch etwas brauchen.",
    fr: "Mon collègue a clôturé cette demande. Moi, l’assistant automatique, je suis de nouveau là si vous avez besoin d’autre chose.",
  },
  /** Confirms STOP. */
  optedOut: {
    en: "Done: we will not write to you any more unless you write to us first. What you ask here is still answered. To change this, reply START.",
    pt: "Pronto: não voltaremos a escrever-lhe, a não ser que nos escreva primeiro. O que perguntar aqui continua a ter resposta. Para mudar isso, responda START.",
    es: "Listo: no volveremos a escribirle, salvo que usted nos escriba primero. Lo que pregunte aquí se seguirá respondiendo. Para cambiarlo, responda START.",
    tr: "Tamam: siz bize yazmadıkça size artık mesaj göndermeyeceğiz. Buradan sorduklarınız yanıtlanmaya devam edecek. Bunu değiştirmek için START yazın.",
    ar: "تم: لن نكتب إليك بعد الآن إلا إذا كتبت إلينا أولًا. ما تسأل عنه هنا سيظل يُجاب عنه. لتغيير ذلك أرسل START.",
    hi: "हो गया: जब तक आप हमें पहले न लिखें, हम आपको कोई संदेश नहीं भेजेंगे। आप यहाँ जो पूछेंगे उसका जवाब फिर भी मिलेगा। इसे बदलने के लिए START लिखकर भेजें।",
    de: "Erledigt: Wir schreiben Ihnen nicht mehr, außer Sie schreiben uns zuerst. Was Sie hier fragen, wird weiterhin beantwortet. Um das zu ändern, antworten Sie mit START.",
    fr: "C’est fait : nous ne vous écrirons plus, sauf si vous nous écrivez en premier. Vos questions ici recevront toujours une réponse. Pour changer cela, répondez START.",
  },
  /** Confirms START. */
  optedIn: {
    en: "Done: you may hear from us again. Reply STOP at any time to end that.",
    pt: "Pronto: voltará a receber as nossas mensagens. Para deixar de as receber, responda STOP a qualquer momento.",
    es: "Listo: volverá a recibir nuestros mensajes. Para dejar de recibirlos, responda STOP en cualquier momento.",
    tr: "Tamam: mesajlarımızı yeniden alacaksınız. Bunu sonlandırmak için istediğiniz zaman STOP yazın.",
    ar: "تم: ستصلك رسائلنا من جديد. لإيقافها أرسل STOP في أي وقت.",
    hi: "हो गया: अब आपको हमारे संदेश फिर से मिलेंगे। इन्हें रोकने के लिए कभी भी STOP लिखकर भेजें।",
    de: "Erledigt: Sie bekommen wieder Nachrichten von uns. Um das zu beenden, antworten Sie jederzeit mit STOP.",
    fr: "C’est fait : vous recevrez de nouveau nos messages. Pour ne plus les recevoir, répondez STOP à tout moment.",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;

/** A sentence of Parley's own, by what it says. */
export type SentenceName = keyof typeof SENTENCES;

/**
 * Says a sentence in the customer's language, or in English where Parley does not speak it.
 * @param tag BCP 47; null: unknown.
 */
export function sentence(name: SentenceName, tag: string | null): string {
  return SENTENCES[name][toLanguage(tag)];
}
