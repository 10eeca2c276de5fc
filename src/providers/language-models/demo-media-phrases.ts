import type { DemoLanguage } from "./demo-phrases.ts";

/** What the demo model says about things that are no text. */
export type DemoMediaPhrases = {
  readonly picture: string;
  readonly voice: string;
  /** A video, a sticker, a document that nobody could read. */
  readonly file: string;
  /** A location, a contact, an order, a form: received, and nothing more. */
  readonly other: string;
  /** A document that it can quote from, when nothing was asked. */
  readonly document: (name: string) => string;
};

/** Keyed by ISO 639-1, as the phrases of the demo model. */
export const DEMO_MEDIA_PHRASES: Readonly<Record<DemoLanguage, DemoMediaPhrases>> = {
  en: {
    picture: "Thank you for the picture. I cannot see pictures here: please tell me what it shows.",
    voice: "Thank you for the voice message. I cannot hear it: please write it down for me.",
    file: "Thank you, but I cannot open this. Please write to me what it is about.",
    other: "Thank you, I have received it.",
    document: (name) => `I have read ${name}. What would you like to know about it?`,
  },
  pt: {
    picture:
      "Obrigado pela imagem. Aqui não consigo ver imagens: diga-me, por favor, o que mostra.",
    voice: "Obrigado pela mensagem de voz. Não consigo ouvi-la: escreva-a, por favor.",
    file: "Obrigado, mas não consigo abrir isto. Escreva-me, por favor, do que se trata.",
    other: "Obrigado, recebi.",
    document: (name) => `Li ${name}. O que gostaria de saber?`,
  },
  es: {
    picture: "Gracias por la imagen. Aquí no puedo ver imágenes: cuénteme, por favor, qué muestra.",
    voice: "Gracias por el mensaje de voz. No puedo escucharlo: escríbamelo, por favor.",
    file: "Gracias, pero no puedo abrir esto. Escríbame, por favor, de qué se trata.",
    other: "Gracias, lo he recibido.",
    document: (name) => `He leído ${name}. ¿Qué le gustaría saber?`,
  },
  fr: {
    picture:
      "Merci pour l'image. Je ne peux pas voir les images ici : dites-moi, s'il vous plaît, ce qu'elle montre.",
    voice:
      "Merci pour le message vocal. Je ne peux pas l'écouter : écrivez-le-moi, s'il vous plaît.",
    file: "Merci, mais je ne peux pas ouvrir ceci. Écrivez-moi, s'il vous plaît, de quoi il s'agit.",
    other: "Merci, je l'ai bien reçu.",
    document: (name) => `J'ai lu ${name}. Que souhaitez-vous savoir ?`,
  },
  de: {
    picture:
      "Danke für das Bild. Ich kann hier keine Bilder sehen: Bitte beschreiben Sie mir, was darauf ist.",
    voice:
      "Danke für die Sprachnachricht. Ich kann sie nicht hören: Bitte schreiben Sie es mir auf.",
    file: "Danke, aber das kann ich nicht öffnen. Bitte schreiben Sie mir, worum es geht.",
    other: "Danke, das ist angekommen.",
    document: (name) => `Ich habe ${name} gelesen. Was möchten Sie darüber wissen?`,
  },
  it: {
    picture:
      "Grazie per l'immagine. Qui non posso vedere immagini: mi dica, per favore, cosa mostra.",
    voice: "Grazie per il messaggio vocale. Non posso ascoltarlo: me lo scriva, per favore.",
    file: "Grazie, ma non riesco ad aprirlo. Mi scriva, per favore, di cosa si tratta.",
    other: "Grazie, ricevuto.",
    document: (name) => `Ho letto ${name}. Che cosa vorrebbe sapere?`,
  },
  tr: {
    picture: "Resim için teşekkürler. Burada resimleri göremiyorum: lütfen ne gösterdiğini yazın.",
    voice: "Sesli mesaj için teşekkürler. Dinleyemiyorum: lütfen yazarak gönderin.",
    file: "Teşekkürler, ama bunu açamıyorum. Lütfen ne hakkında olduğunu yazın.",
    other: "Teşekkürler, aldım.",
    document: (name) => `${name} belgesini okudum. Ne öğrenmek istersiniz?`,
  },
  id: {
    picture:
      "Terima kasih atas gambarnya. Saya tidak bisa melihat gambar di sini: tolong tuliskan apa isinya.",
    voice: "Terima kasih atas pesan suaranya. Saya tidak bisa mendengarnya: tolong tuliskan.",
    file: "Terima kasih, tetapi saya tidak bisa membukanya. Tolong tuliskan isinya tentang apa.",
    other: "Terima kasih, sudah saya terima.",
    document: (name) => `Saya sudah membaca ${name}. Apa yang ingin Anda ketahui?`,
  },
  ar: {
    picture: "شكرًا على الصورة. لا أستطيع رؤية الصور هنا: أخبرني من فضلك بما تُظهره.",
    voice: "شكرًا على الرسالة الصوتية. لا أستطيع سماعها: اكتبها لي من فضلك.",
    file: "شكرًا، لكن لا أستطيع فتح هذا. اكتب لي من فضلك عمّا يدور.",
    other: "شكرًا، لقد وصلني.",
    document: (name) => `لقد قرأت ${name}. ماذا تودّ أن تعرف عنه؟`,
  },
  hi: {
    picture: "तस्वीर के लिए धन्यवाद। मैं यहाँ तस्वीरें नहीं देख सकता: कृपया लिखकर बताएँ कि उसमें क्या है।",
    voice: "वॉइस संदेश के लिए धन्यवाद। मैं उसे सुन नहीं सकता: कृपया लिखकर भेजें।",
    file: "धन्यवाद, लेकिन मैं इसे खोल नहीं सकता। कृपया लिखें कि यह किस बारे में है।",
    other: "धन्यवाद, मुझे मिल गया।",
    document: (name) => `मैंने ${name} पढ़ लिया है। आप इसके बारे में क्या जानना चाहेंगे?`,
  },
};
