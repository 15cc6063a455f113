"""Whole phrases of people in danger: self-harm, violence, abuse.

Each is something that a person says about themselves or someone near, never a single word, so
that ``kill a process``, ``abuse of notation`` or the German article ``die`` are none. Spelling is
free: ``core.crisis`` takes accents, apostrophes, case and contractions off both sides, and leaves
out the spaces in the languages of ``UNSPACED``. Phrases stand apart by ``|``.
"""

_NEAR_PEOPLE = """
    husband | wife | boyfriend | girlfriend | partner | ex | dad | father | stepdad | stepfather |
    mom | mum | mother | stepmother | brother | uncle
"""
_HITS_ME = """
    hits me | beats me | punches me | chokes me | strangles me | abuses me | hurts me | rapes me |
    keeps hitting me | hit me | raped me | strangled me | choked me | is abusing me | threatens me
"""
_BEATS_AT_GAMES = "beats me at | beats me in | beats me to | beats me every time"
_ENGLISH = """
    kill myself | killing myself | want to die | wanting to die | end my life |
    ending my life | end my own life | take my own life | taking my own life |
    want to take my life | want to end it all | going to end it all | i am suicidal |
    i feel suicidal | feeling suicidal | having suicidal thoughts |
    i have suicidal thoughts | my suicidal thoughts | thinking about suicide |
    thinking of suicide | thinking about committing suicide | thoughts of suicide |
    i am considering suicide | i am contemplating suicide | want to commit suicide |
    going to commit suicide | i tried to commit suicide | how to commit suicide |
    my suicide note | do not want to live anymore | do not want to live any more |
    do not want to be alive | do not want to exist anymore | no reason to live |
    nothing to live for | i wish i was dead | i wish i were dead |
    i would be better off dead | better off without me | painless way to die |
    want to hurt myself | going to hurt myself | hurting myself | harm myself |
    harming myself | i self harm | urge to self harm | urges to self harm |
    want to cut myself | cutting myself | hang myself | hanging myself | shoot myself |
    overdose on my | wants to kill himself | wants to kill herself |
    wants to kill themselves | tried to kill himself | tried to kill herself |
    going to kill himself | going to kill herself | is suicidal and | i want to kill him |
    i want to kill her | i am going to kill him | i am going to kill her |
    want to kill someone | want to kill somebody | going to kill someone |
    want to kill people | want to hurt someone | want to hurt people |
    going to hurt someone | want to kill my family | want to kill my wife |
    want to kill my husband | want to kill my mother | want to kill my father |
    shoot up the school | shoot up my school | threatened to kill me |
    threatens to kill me | says he will kill me | said he would kill me | he hits me |
    he beats me up | he raped me | he abuses me | she hits me | she abuses me |
    i was raped | i have been raped | i got raped | i was sexually assaulted |
    i was molested | sexually abused me | i am being abused | i am being beaten |
    i was abused as a child | i am in an abusive relationship | i am afraid of my husband |
    i am afraid of my boyfriend | i am afraid he will hurt me
"""
_SPANISH = """
    quiero morir | quiero morirme | me quiero morir | quiero matarme | me quiero matar |
    me voy a matar | voy a matarme | suicidarme | me voy a suicidar | me quiero suicidar |
    tengo pensamientos suicidas | tengo ideas suicidas | no quiero vivir más |
    ya no quiero vivir | no tengo ganas de vivir | quitarme la vida | acabar con mi vida |
    quiero hacerme daño | me corto los brazos | quiero matar a alguien |
    voy a matar a alguien | voy a matar a mi | mi marido me pega | mi marido me golpea |
    mi esposo me pega | mi esposo me golpea | mi pareja me pega | mi pareja me maltrata |
    mi novio me pega | mi novio me golpea | mi padre me pega | mi madre me pega |
    abusaron de mí | abusó de mí | abusan de mí | me violaron | fui violada
"""
_FRENCH = """
    je veux mourir | j'ai envie de mourir | je veux me tuer | je vais me tuer |
    envie de me tuer | envie de me suicider | je veux me suicider | je vais me suicider |
    je pense au suicide | j'ai des pensées suicidaires | j'ai des idées suicidaires |
    mettre fin à mes jours | mettre fin à ma vie | je ne veux plus vivre |
    je veux en finir avec la vie | je me scarifie | envie de me faire du mal |
    je veux tuer quelqu'un | je vais tuer quelqu'un | je vais tuer ma femme |
    je vais tuer mon mari | mon mari me frappe | mon mari me bat | mon copain me frappe |
    mon conjoint me frappe | mon conjoint me bat | mon père me frappe | mon père me bat |
    ma mère me frappe | j'ai été violée | j'ai été violé | on m'a violée | il m'a violée
"""
_GERMAN = """
    ich will sterben | ich möchte sterben | ich will mich umbringen | ich bringe mich um |
    mich umzubringen | ich möchte mich umbringen | mir das leben nehmen |
    mir das leben zu nehmen | ich will nicht mehr leben | ich mag nicht mehr leben |
    ich will tot sein | ich habe selbstmordgedanken | ich habe suizidgedanken |
    ich denke an selbstmord | ich denke an suizid | selbstmord begehen will |
    ich will selbstmord begehen | ich ritze mich | mir etwas antun | mich selbst verletzen |
    ich will jemanden umbringen | ich will jemanden töten | ich bringe ihn um |
    mein mann schlägt mich | mein freund schlägt mich | mein partner schlägt mich |
    mein vater schlägt mich | meine mutter schlägt mich | ich werde geschlagen |
    ich werde missbraucht | ich wurde missbraucht | ich wurde vergewaltigt |
    ich bin vergewaltigt worden
"""
_PORTUGUESE = """
    quero morrer | quero me matar | vou me matar | quero me suicidar | vou me suicidar |
    penso em suicídio | penso em me matar | tenho pensamentos suicidas |
    acabar com a minha vida | tirar a minha vida | tirar minha própria vida |
    não quero mais viver | quero me cortar | quero me machucar | quero matar alguém |
    vou matar alguém | meu marido me bate | meu namorado me bate | meu pai me bate |
    minha mãe me bate | o meu marido bate-me | fui estuprada | fui violada | fui abusada
"""
_ITALIAN = """
    voglio morire | voglio uccidermi | mi voglio uccidere | voglio ammazzarmi |
    mi voglio ammazzare | voglio suicidarmi | penso al suicidio | ho pensieri suicidi |
    voglio farla finita | togliermi la vita | non voglio più vivere | mi taglio le braccia |
    voglio farmi del male | voglio uccidere qualcuno | mio marito mi picchia |
    il mio ragazzo mi picchia | il mio compagno mi picchia | mio padre mi picchia |
    sono stata violentata | sono stata stuprata
"""
_DUTCH = """
    ik wil dood | ik wil sterven | ik wil niet meer leven | ik wil zelfmoord plegen |
    ik denk aan zelfmoord | mezelf van kant maken | een einde aan mijn leven maken |
    mezelf iets aandoen | ik snijd mezelf | mijn man slaat me | mijn man slaat mij |
    mijn vriend slaat me | mijn vader slaat me | ik word mishandeld | ik ben verkracht
"""
_SWEDISH = """
    jag vill dö | jag vill inte leva längre | ta livet av mig | jag vill begå självmord |
    jag har självmordstankar | min man slår mig | min pojkvän slår mig |
    jag blev våldtagen
"""
_POLISH = """
    chcę umrzeć | chcę się zabić | zabiję się | chcę popełnić samobójstwo |
    mam myśli samobójcze | nie chcę już żyć | nie chce mi się żyć | odebrać sobie życie |
    tnę się | mąż mnie bije | chłopak mnie bije | ojciec mnie bije | zostałam zgwałcona
"""
_RUSSIAN = """
    хочу умереть | хочу убить себя | хочу себя убить | убью себя | покончить с собой |
    покончу с собой | покончить с жизнью | думаю о самоубийстве | мысли о самоубийстве |
    у меня суицидальные мысли | не хочу больше жить | больше не хочу жить | режу себя |
    хочу убить человека | муж меня бьёт | муж бьёт меня | меня бьёт муж | парень меня бьёт |
    отец меня бьёт | меня изнасиловали
"""
_UKRAINIAN = """
    хочу померти | хочу вбити себе | накласти на себе руки | вкоротити собі віку |
    думаю про самогубство | не хочу більше жити | чоловік мене б'є | мене зґвалтували
"""
_TURKISH = """
    ölmek istiyorum | kendimi öldürmek istiyorum | kendimi öldüreceğim |
    intihar etmek istiyorum | intihar edeceğim | intiharı düşünüyorum |
    artık yaşamak istemiyorum | kocam beni dövüyor | sevgilim beni dövüyor |
    babam beni dövüyor | tecavüze uğradım
"""
_INDONESIAN = """
    saya ingin mati | aku ingin mati | aku mau mati | ingin bunuh diri | mau bunuh diri |
    tidak ingin hidup lagi | suami saya memukul saya | saya diperkosa
"""
_VIETNAMESE = """
    tôi muốn chết | tôi muốn tự tử | tôi muốn tự sát | không muốn sống nữa |
    chồng tôi đánh tôi | tôi bị cưỡng hiếp
"""
_HEBREW = """
    אני רוצה למות | בא לי למות | רוצה להתאבד | חושב להתאבד | חושבת להתאבד | להרוג את עצמי |
    לשים קץ לחיי | לגמור עם החיים | יש לי מחשבות אובדניות | לא רוצה לחיות יותר |
    לא רוצה יותר לחיות | אין לי בשביל מה לחיות | לפגוע בעצמי | אני רוצה להרוג מישהו |
    בעלי מכה אותי | החבר שלי מכה אותי | בן הזוג שלי מכה אותי | אבא שלי מכה אותי |
    אמא שלי מכה אותי | נאנסתי | אנסו אותי
"""
_ARABIC = """
    أريد أن أموت | اريد الموت | أريد الانتحار | أريد أن أنتحر | أفكر في الانتحار |
    سأقتل نفسي | أريد أن أقتل نفسي | أقتل نفسي | عايز أموت | عايزة أموت | بدي موت |
    لا أريد أن أعيش | إنهاء حياتي | أؤذي نفسي | زوجي يضربني | أبي يضربني | تعرضت للاغتصاب |
    تم اغتصابي
"""
_PERSIAN = """
    می‌خواهم بمیرم | میخواهم بمیرم | می‌خوام بمیرم | میخوام بمیرم | می‌خواهم خودکشی کنم |
    میخوام خودکشی کنم | شوهرم مرا می‌زند
"""
_HINDI = """
    मरना चाहता हूँ | मरना चाहती हूँ | आत्महत्या करना चाहता हूँ | आत्महत्या करना चाहती हूँ |
    खुदकुशी करना चाहता हूँ | खुदकुशी करना चाहती हूँ | जीना नहीं चाहता | जीना नहीं चाहती |
    अपनी जान लेना चाहता हूँ | अपनी जान लेना चाहती हूँ | पति मुझे मारता है |
    पति मुझे मारते हैं | मेरा बलात्कार हुआ
"""
_CHINESE = """
    我想死 | 我好想死 | 不想活了 | 我想自杀 | 我想自殺 | 我要自杀 |
    我要自殺 | 有自杀的念头 | 有自殺的念頭 | 结束自己的生命 | 結束自己的生命 |
    我想杀了自己 | 我想殺了自己 | 我想割腕 | 我想自残 | 我想自殘 | 我想杀人 |
    我想殺人 | 我要杀了他 | 我要殺了他 | 老公打我 | 丈夫打我 |
    男朋友打我 | 我被家暴 | 我被强奸 | 我被強姦 | 我被性侵
"""
_JAPANESE = """
    死にたい | 自殺したい | 自殺しようと思 | 消えてしまいたい | もう生きたくない |
    もう生きていたくない | リストカットして | 自傷してしま | 人を殺したい |
    夫に殴られ | 彼氏に殴られ | 父に殴られ | 親に虐待され | レイプされました | レイプされた
"""
_KOREAN = """
    죽고싶어 | 죽고싶다 | 죽고싶습니다 | 자살하고싶 | 자살할거 |
    자살을생각 | 자해하고싶 | 더이상살고싶지않 | 남편이때려 | 남편이저를때려 |
    남편이나를때려 | 남자친구가때려 | 성폭행을당했 | 성폭행당했
"""
_IDIOMS = """
    die laughing | die of laughter | die of embarrassment | die of boredom |
    die on this hill | shoot myself in the foot | hang myself up on |
    cutting myself some slack | cutting myself off | hit me up | hit me with | hits me up |
    hits me with
"""


def _split(*tables: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for table in tables for phrase in table.split("|"))


def _near(does: str) -> tuple[str, ...]:
    return tuple(f"my {who} {each}" for who in _split(_NEAR_PEOPLE) for each in _split(does))


SPACED = _near(_HITS_ME) + _split(
    _ENGLISH,
    _SPANISH,
    _FRENCH,
    _GERMAN,
    _PORTUGUESE,
    _ITALIAN,
    _DUTCH,
    _SWEDISH,
    _POLISH,
    _RUSSIAN,
    _UKRAINIAN,
    _TURKISH,
    _INDONESIAN,
    _VIETNAMESE,
    _HEBREW,
    _ARABIC,
    _PERSIAN,
    _HINDI,
)
"""Phrases of languages that put spaces between words: matched word by word."""

UNSPACED = _split(_CHINESE, _JAPANESE, _KOREAN)
"""Phrases of languages without spaces, or with spaces that people leave out: matched anywhere."""

IDIOMS = _near(_BEATS_AT_GAMES) + _split(_IDIOMS)
"""Phrases that are taken out before anything is matched."""

UNSPACED_IDIOMS = (
    "死锁",  # deadlock
    "死鎖",
    "死循环",  # endless loop
    "死迴圈",
    "死机",  # a crash
    "死當",
    "想死你",  # I miss you so
)
"""As ``IDIOMS``, for the languages of ``UNSPACED``."""
