type Messages = Readonly<Record<string, readonly string[]>>;
type Pairs = ReadonlyArray<readonly [language: string, message: string]>;

/** For tests: messages as people type them to a business. The detector was tuned with them. */
export const MESSAGES: Messages = toMessages(`
en: hi | thanks! | how much? | are you open today | pls send me the price list | where is my order | do u deliver to brooklyn | Hello, I'd like to book a table for four tomorrow evening | The shoes I got are the wrong size, can I return them? | ok let me check with my wife and get back to you
pt: oi | obrigado! | quanto custa? | vcs abrem hoje? | boa tarde, tudo bem? | cadê meu pedido | entrega em Campinas? | Olá, gostaria de reservar uma mesa para quatro amanhã à noite | o tênis veio no tamanho errado, posso trocar? | blz vou ver com minha esposa e te falo
es: hola | ¡gracias! | cuanto cuesta? | estan abiertos hoy | buenas tardes, una consulta | donde esta mi pedido | hacen envios a Córdoba? | Hola, quisiera reservar una mesa para cuatro mañana por la noche | los zapatos llegaron en la talla equivocada, puedo cambiarlos? | dale, lo consulto con mi esposa y les aviso
fr: bonjour | merci ! | c'est combien ? | vous êtes ouverts aujourd'hui ? | bjr je voudrais un rdv svp | où est ma commande | vous livrez à Lyon ? | Bonjour, je voudrais réserver une table pour quatre demain soir | les chaussures sont à la mauvaise taille, je peux les échanger ? | ok je vois avec ma femme et je reviens vers vous
de: hallo | danke! | was kostet das? | habt ihr heute offen | guten tag, eine frage | wo bleibt meine bestellung | liefert ihr nach Köln? | Hallo, ich möchte für morgen Abend einen Tisch für vier reservieren | die Schuhe haben die falsche Größe, kann ich sie umtauschen? | ok ich frag mal meine frau und melde mich dann
it: ciao | grazie! | quanto costa? | siete aperti oggi | buongiorno, una informazione | dov'è il mio ordine | consegnate a Torino? | Salve, vorrei prenotare un tavolo per quattro domani sera | le scarpe sono della taglia sbagliata, posso cambiarle? | va bene sento mia moglie e vi faccio sapere
nl: hoi | bedankt! | wat kost dat? | zijn jullie vandaag open | goedemiddag, ik heb een vraag | waar blijft mijn bestelling | bezorgen jullie in Utrecht? | Hallo, ik wil graag een tafel voor vier reserveren morgenavond | de schoenen zijn de verkeerde maat, kan ik ze ruilen? | ok ik overleg even met mijn vrouw en laat het weten
tr: merhaba | teşekkürler! | ne kadar? | bugün açık mısınız | slm fiyat alabilir miyim | siparişim nerede | Bursa'ya kargo var mı? | Merhaba, yarın akşam için dört kişilik bir masa ayırtmak istiyorum | ayakkabı yanlış numara geldi, değiştirebilir miyim? | tamam eşime sorup size dönüş yapacağım
az: salam | təşəkkürlər! | qiyməti nə qədərdir? | bu gün açıqsınız | salam, bir sualım var | sifarişim haradadır | Gəncəyə çatdırılma var? | Salam, sabah axşam üçün dörd nəfərlik masa sifariş etmək istəyirəm | ayaqqabının ölçüsü səhvdir, dəyişə bilərəm? | yaxşı, həyat yoldaşımla danışıb sizə yazaram
id: halo | makasih ya | berapa harganya? | buka gak hari ini | selamat siang kak mau tanya | pesanan saya sudah sampai mana | bisa kirim ke Surabaya? | Halo, saya mau pesan meja untuk empat orang besok malam | sepatunya salah ukuran, boleh ditukar nggak? | oke saya tanya istri dulu ya nanti saya kabari
pl: cześć | dziękuję! | ile to kosztuje? | czy dzisiaj jest otwarte | dzień dobry, mam pytanie | gdzie jest moje zamówienie | dowozicie do Krakowa? | Dzień dobry, chciałbym zarezerwować stolik na cztery osoby jutro wieczorem | buty są w złym rozmiarze, czy mogę je wymienić? | ok zapytam żonę i dam znać
ro: bună | mulțumesc! | cât costă? | sunteți deschiși azi | buna ziua, am o intrebare | unde este comanda mea | livrați în Cluj? | Bună ziua, aș dori să rezerv o masă pentru patru persoane mâine seară | pantofii au mărimea greșită, pot să îi schimb? | bine vorbesc cu soția și revin
vi: chào shop | cảm ơn nhé | bao nhiêu tiền vậy | hôm nay có mở cửa không | cho mình hỏi chút | đơn hàng của tôi đâu rồi | có giao đến Đà Nẵng không? | Xin chào, tôi muốn đặt bàn cho bốn người tối mai | giày bị sai cỡ, tôi đổi được không? | để mình hỏi vợ rồi báo lại nhé
sv: hej | tack! | vad kostar det? | har ni öppet idag | hej jag har en fråga | var är min beställning | levererar ni till Malmö? | Hej, jag skulle vilja boka ett bord för fyra imorgon kväll | skorna är i fel storlek, kan jag byta dem? | ok jag frågar min fru och återkommer
sw: habari | asante! | bei gani? | mko wazi leo | samahani nina swali | oda yangu iko wapi | mnaleta mpaka Mombasa? | Habari, ningependa kuhifadhi meza ya watu wanne kesho jioni | viatu vimekuja saizi mbaya, naweza kubadilisha? | sawa nitaongea na mke wangu nitawajulisha
tl: kumusta | salamat po! | magkano po? | bukas ba kayo ngayon | magandang hapon, may tanong ako | nasaan na po ang order ko | nagdedeliver ba kayo sa Cebu? | Hello po, gusto ko sanang magpareserba ng mesa para sa apat bukas ng gabi | mali po ang sukat ng sapatos, pwede bang palitan? | sige tatanungin ko muna ang asawa ko
ar: مرحبا | شكرا! | بكم هذا؟ | هل أنتم مفتوحون اليوم | السلام عليكم عندي سؤال | وين طلبي | عندكم توصيل الى جدة؟ | مرحبا، أود حجز طاولة لأربعة أشخاص مساء الغد | الحذاء مقاسه غلط، ممكن أبدله؟ | تمام هسأل مراتي وأرد عليكم
fa: سلام | ممنون! | قیمتش چنده؟ | امروز باز هستید | سلام یه سوال داشتم | سفارش من کجاست | به شیراز هم ارسال دارید؟ | سلام، می‌خواهم برای فردا شب یک میز چهار نفره رزرو کنم | سایز کفش اشتباه است، می‌توانم عوضش کنم؟ | باشه از همسرم می‌پرسم و خبر میدم
ur: ہیلو | شکریہ! | کتنے کا ہے؟ | کیا آج کھلا ہے | السلام علیکم ایک سوال ہے | میرا آرڈر کہاں ہے | کیا لاہور میں ڈیلیوری ہے؟ | السلام علیکم، کل شام کے لیے چار لوگوں کی میز بک کرنی ہے | جوتے کا سائز غلط ہے، کیا میں بدل سکتا ہوں؟ | ٹھیک ہے بیوی سے پوچھ کر بتاتا ہوں
hi: नमस्ते | धन्यवाद! | कितने का है? | क्या आज खुला है | नमस्कार एक सवाल था | मेरा ऑर्डर कहाँ है | क्या पुणे में डिलीवरी होती है? | नमस्ते, मुझे कल शाम चार लोगों के लिए टेबल बुक करनी है | जूते का साइज़ गलत है, क्या मैं बदल सकता हूँ? | ठीक है पत्नी से पूछ कर बताता हूँ
mr: नमस्कार | आभारी आहे | किती रुपये आहे? | आज सुरू आहे का | मला एक प्रश्न विचारायचा आहे | माझी ऑर्डर कुठे आहे | पुण्यात डिलिव्हरी मिळते का? | नमस्कार, मला उद्या संध्याकाळी चार जणांसाठी टेबल बुक करायचे आहे | बुटाचा आकार चुकीचा आहे, बदलून मिळेल का? | ठीक आहे बायकोला विचारून सांगतो
ru: привет | спасибо! | сколько стоит? | вы сегодня работаете | здравствуйте, есть вопрос | где мой заказ | доставляете в Казань? | Здравствуйте, хочу забронировать столик на четверых завтра вечером | обувь пришла не того размера, можно обменять? | хорошо, спрошу жену и напишу
uk: привіт | дякую! | скільки коштує? | ви сьогодні працюєте | добрий день, є питання | де моє замовлення | доставляєте до Львова? | Добрий день, хочу забронювати столик на чотирьох завтра ввечері | взуття прийшло не того розміру, чи можна обміняти? | добре, спитаю дружину і напишу
el: γεια σας | ευχαριστώ! | πόσο κάνει; | είστε ανοιχτά σήμερα | καλησπέρα, έχω μια ερώτηση | πού είναι η παραγγελία μου | στέλνετε στην Πάτρα; | Γεια σας, θα ήθελα να κλείσω τραπέζι για τέσσερις αύριο το βράδυ | τα παπούτσια είναι λάθος νούμερο, μπορώ να τα αλλάξω; | οκ θα ρωτήσω τη γυναίκα μου
he: שלום | תודה! | כמה זה עולה? | אתם פתוחים היום | ערב טוב יש לי שאלה | איפה ההזמנה שלי | יש משלוח לחיפה? | שלום, אני רוצה להזמין שולחן לארבעה מחר בערב | הנעליים במידה לא נכונה, אפשר להחליף? | טוב אני אשאל את אשתי ואחזור אליכם
ja: こんにちは | ありがとう! | いくらですか? | 今日営業してますか | すみません質問です | 注文した商品はどこですか | 大阪に配達できますか? | 明日の夜、四名で席を予約したいのですが | 靴のサイズが違いました、交換できますか? | 妻に聞いてからまた連絡します
ko: 안녕하세요 | 감사합니다! | 얼마예요? | 오늘 영업하세요 | 질문 있습니다 | 제 주문 어디쯤 왔나요 | 부산 배송 되나요? | 내일 저녁 네 명 자리 예약하고 싶어요 | 신발 사이즈가 잘못 왔는데 교환 되나요? | 아내한테 물어보고 연락드릴게요
zh: 你好 | 谢谢! | 多少钱? | 今天营业吗 | 您好我想问一下 | 我的订单到哪里了 | 可以送到广州吗? | 你好,我想预订明天晚上四个人的位子 | 鞋子尺码不对,可以换吗? | 好的我问一下我太太再告诉你
th: สวัสดีค่ะ | ขอบคุณค่ะ | ราคาเท่าไหร่ | วันนี้เปิดไหม | สอบถามหน่อยค่ะ | สินค้าถึงไหนแล้ว | ส่งเชียงใหม่ไหมคะ | อยากจองโต๊ะสำหรับสี่คนพรุ่งนี้เย็น | รองเท้าผิดไซส์ เปลี่ยนได้ไหม | เดี๋ยวถามภรรยาก่อนนะคะ
bn: নমস্কার | ধন্যবাদ! | দাম কত? | আজ কি খোলা আছে | একটা প্রশ্ন ছিল | আমার অর্ডার কোথায় | ঢাকায় ডেলিভারি হয়? | আগামীকাল সন্ধ্যায় চারজনের জন্য একটি টেবিল বুক করতে চাই | জুতার সাইজ ভুল, বদলানো যাবে? | ঠিক আছে স্ত্রীকে জিজ্ঞেস করে জানাব
ta: வணக்கம் | நன்றி! | விலை என்ன? | இன்று திறந்திருக்கிறதா | ஒரு கேள்வி இருக்கிறது | என் ஆர்டர் எங்கே | சென்னைக்கு டெலிவரி உண்டா? | நாளை மாலை நான்கு பேருக்கு மேசை முன்பதிவு செய்ய வேண்டும் | காலணி அளவு தவறு, மாற்ற முடியுமா? | சரி மனைவியிடம் கேட்டு சொல்கிறேன்
`);

/** For tests: in two languages, with the one that carries the sentence. */
export const MIXED: Pairs = toPairs(`
es: hola, quiero comprar el gift card pero no me llega el email
de: hi, ich hab das update gemacht und jetzt geht mein account nicht mehr
tr: merhaba online check-in yapamıyorum, sistem error veriyor
pt: oi, fiz o download do app mas o login não funciona
fr: salut, j'ai un problème avec le tracking de mon colis, help svp
it: ciao, il link per il check-out non funziona, mi mandate lo screenshot?
id: min, saya mau refund dong, barangnya nggak sesuai sama yang di website
hi: मेरा payment fail हो गया, please refund कर दीजिए
ar: ممكن refund لو سمحت، الـ order ما وصل
ja: iPhoneのcaseはありますか
zh: 我的 iPhone 16 Pro 可以 trade in 吗
ru: здравствуйте, не приходит SMS code для login
`);

/** For tests: in another script than usual, which no library knows. */
export const TRANSLITERATED: Pairs = toPairs(`
hi: bhai price kya hai
hi: mera order kab aayega
hi: kya aap pune mein delivery karte ho?
hi: mujhe kal shaam ko chaar logon ke liye table book karni hai
hi: theek hai main biwi se puch kar batata hun
ur: aap ki dukaan kab khulti hai, mujhe kuch pochna tha
ar: salam 3alaykom, bikam hada?
ar: fein el order bta3i ya gama3a
ar: momken a3raf el as3ar law sama7t
ru: zdravstvuyte, skolko stoit dostavka v kazan?
ru: privet, gde moy zakaz
el: kalispera, poso kanei i metafora gia patra?
fa: salam gheymatesh chande?
bn: amar order kothay, ektu bolben please
ta: vanakkam, en order enga irukku
`);

/** For tests: in no language, or in all. */
export const NONE: readonly string[] = toList(`
👍 | 😂😂😂 | ❤️🙏 | ok | OK! | 12345 | +90 532 000 00 00 | 15.11.2026 | 19:30 | € 49,90 | iPhone 16 Pro Max 256GB | Nike Air Max 90 | Samsung Galaxy S25 Ultra | AB-10234-TR | https://example.com/p/4711 | name@example.com | ? | ... | A4 | XL | Coca-Cola | PlayStation 5 | IKEA KALLAX | Toyota Corolla 2019 | haha | www.parley.example | IBAN DE89 3704 0044 0532 0130 00 | Ahmed Hassan | Maria Silva | Adidas Samba OG 42
`);

/** For tests: written after the detector was tuned, to see how it does with what it does not know. */
export const HELD_OUT: Messages = toMessages(`
en: is this still available? | my package says delivered but I never got it | what time do you close | can someone call me back
pt: ainda tem esse produto? | meu cartão foi cobrado duas vezes | que horas fecha | alguém pode me ligar?
es: todavía lo tienen disponible? | me cobraron dos veces en la tarjeta | a qué hora cierran | alguien me puede llamar?
fr: c'est encore disponible ? | j'ai été débité deux fois | vous fermez à quelle heure | quelqu'un peut me rappeler ?
de: ist das noch verfügbar? | mir wurde zweimal abgebucht | wann macht ihr zu | kann mich jemand zurückrufen?
it: è ancora disponibile? | mi hanno addebitato due volte | a che ora chiudete | qualcuno può richiamarmi?
nl: is dit nog beschikbaar? | er is twee keer afgeschreven | hoe laat gaan jullie dicht | kan iemand mij terugbellen?
tr: bu ürün hâlâ var mı? | kartımdan iki kez para çekilmiş | kaçta kapatıyorsunuz | biri beni arayabilir mi?
id: barangnya masih ada? | kartu saya kena potong dua kali | tutup jam berapa | bisa tolong telepon saya?
pl: czy to jeszcze jest dostępne? | pobrano mi pieniądze dwa razy | o której zamykacie | czy ktoś może oddzwonić?
ro: mai este disponibil? | mi s-au luat banii de două ori | la ce oră închideți | poate să mă sune cineva?
vi: cái này còn hàng không? | thẻ của tôi bị trừ tiền hai lần | mấy giờ đóng cửa | ai gọi lại cho mình được không?
sv: finns den här kvar? | jag har blivit debiterad två gånger | när stänger ni | kan någon ringa upp mig?
tl: available pa po ba ito? | dalawang beses nakaltasan ang card ko | anong oras kayo nagsasara | pwede po bang tawagan ako?
ar: هل ما زال متوفرا؟ | انخصم المبلغ مرتين من بطاقتي | متى تقفلون | ممكن احد يتصل فيني؟
fa: هنوز موجوده؟ | دو بار از کارتم پول کم شده | ساعت چند می‌بندید | کسی می‌تونه بهم زنگ بزنه؟
ur: کیا یہ اب بھی دستیاب ہے؟ | میرے کارڈ سے دو بار پیسے کٹ گئے | کتنے بجے بند ہوتا ہے | کوئی مجھے کال کر سکتا ہے؟
hi: क्या यह अभी भी उपलब्ध है? | मेरे कार्ड से दो बार पैसे कट गए | कितने बजे बंद होता है | कोई मुझे कॉल कर सकता है?
mr: हे अजून उपलब्ध आहे का? | माझ्या कार्डमधून दोनदा पैसे कापले | किती वाजता बंद होते | कोणी मला फोन करू शकेल का?
ru: это ещё есть в наличии? | деньги списались два раза | до скольки работаете | может кто-нибудь перезвонить?
uk: це ще є в наявності? | гроші списали двічі | до котрої працюєте | може хтось передзвонити?
el: υπάρχει ακόμα; | χρεώθηκα δύο φορές
he: זה עדיין במלאי? | חויבתי פעמיים בכרטיס
ja: まだありますか | 二回請求されました
ko: 아직 있나요? | 카드가 두 번 결제됐어요
zh: 还有货吗 | 我的卡被扣了两次款
th: ยังมีของไหม | โดนตัดเงินสองครั้ง
hi-Latn: yeh abhi bhi available hai kya | mere card se do baar paise kat gaye | kitne baje band hota hai | koi mujhe call kar sakta hai?
`);

/** For tests: the same of what is in no language. */
export const HELD_OUT_NONE: readonly string[] = toList(`
🙏🙏 | Yes | No | 👌 ok | 2 | No. 4711 | Dr. Müller | New York | São Paulo | MacBook Air M4 | Dyson V15 Detect | Levi's 501 | 05.12. 18:00 | Hyundai Tucson 1.6 | @parley | #4711 | C&A | PDF | SMS | Visa
`);

function toPairs(text: string): Pairs {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [language = "", ...message] = line.split(": ");
      return [language, message.join(": ")] as const;
    });
}

function toMessages(text: string): Messages {
  return Object.fromEntries(
    toPairs(text).map(([language, messages]) => [language, toList(messages)]),
  );
}

function toList(text: string): readonly string[] {
  return text.trim().split(" | ");
}
