using System.Globalization;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// Characters without their accents: the canonical decomposition of Unicode (normalization form D) without the marks among what it gives. The
/// program carries no Unicode library, and .NET alone does not decompose characters, so the decompositions stand here. Unlike form D, several
/// spacing marks behind one letter keep their order.
/// </summary>
internal static class Accents
{
    /// <summary>The first character of a group is the base of the others.</summary>
    private const string Groups = """
        AÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ CÇĆĈĊČḈ EÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ IÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ NÑŃŅŇǸṄṆṈṊ
        OÒÓÔÕÖŌŎŐƠǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ UÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ YÝŶŸȲẎỲỴỶỸ aàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ cçćĉċčḉ
        eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ iìíîïĩīĭįǐȉȋḭḯỉị nñńņňǹṅṇṉṋ oòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ
        uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự yýÿŷȳẏẙỳỵỷỹ DĎḊḌḎḐḒ dďḋḍḏḑḓ GĜĞĠĢǦǴḠ gĝğġģǧǵḡ HĤȞḢḤḦḨḪ hĥȟḣḥḧḩḫẖ JĴ jĵǰ KĶǨḰḲḴ kķǩḱḳḵ
        LĹĻĽḶḸḺḼ lĺļľḷḹḻḽ RŔŖŘȐȒṘṚṜṞ rŕŗřȑȓṙṛṝṟ SŚŜŞŠȘṠṢṤṦṨ sśŝşšșṡṣṥṧṩ TŢŤȚṪṬṮṰ tţťțṫṭṯṱẗ WŴẀẂẄẆẈ wŵẁẃẅẇẉẘ ZŹŻŽẐẒẔ zźżžẑẓẕ
        ÆǢǼ æǣǽ ƷǮ ʒǯ ØǾ øǿ ΑΆἈἉἊἋἌἍἎἏᾈᾉᾊᾋᾌᾍᾎᾏᾸᾹᾺᾼ ΕΈἘἙἚἛἜἝῈ ΗΉἨἩἪἫἬἭἮἯᾘᾙᾚᾛᾜᾝᾞᾟῊῌ ΙΊΪἸἹἺἻἼἽἾἿῘῙῚ ΟΌὈὉὊὋὌὍῸ ΥΎΫὙὛὝὟῨῩῪ
        ΩΏὨὩὪὫὬὭὮὯᾨᾩᾪᾫᾬᾭᾮᾯῺῼ ιΐίϊἰἱἲἳἴἵἶἷὶῐῑῒῖῗ αάἀἁἂἃἄἅἆἇὰᾀᾁᾂᾃᾄᾅᾆᾇᾰᾱᾲᾳᾴᾶᾷ εέἐἑἒἓἔἕὲ ηήἠἡἢἣἤἥἦἧὴᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ
        υΰϋύὐὑὒὓὔὕὖὗὺῠῡῢῦῧ οόὀὁὂὃὄὅὸ ωώὠὡὢὣὤὥὦὧὼᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ ϒϓϔ ЕЀЁӖ ГЃ ІЇ КЌ ИЍЙӢӤ УЎӮӰӲ ийѝӣӥ еѐёӗ гѓ ії кќ уўӯӱӳ ѴѶ ѵѷ
        ЖӁӜ жӂӝ АӐӒ аӑӓ ӘӚ әӛ ЗӞ зӟ ОӦ оӧ ӨӪ өӫ ЭӬ эӭ ЧӴ чӵ ЫӸ ыӹ BḂḄḆ bḃḅḇ FḞ fḟ MḾṀṂ mḿṁṃ PṔṖ pṕṗ VṼṾ vṽṿ XẊẌ xẋẍ ſẛ ρῤῥ ΡῬ
        かが きぎ くぐ けげ こご さざ しじ すず せぜ そぞ ただ ちぢ つづ てで とど はばぱ ひびぴ ふぶぷ へべぺ ほぼぽ うゔ ゝゞ カガ キギ クグ ケゲ コゴ サザ シジ スズ セゼ ソゾ タダ チヂ ツヅ テデ トド
        ハバパ ヒビピ フブプ ヘベペ ホボポ ウヴ ワヷ ヰヸ ヱヹ ヲヺ ヽヾ
        """;

    /// <summary>Characters of other alphabets, those that look like their base, and those that consist of several.</summary>
    private const string Composed = """
        374=2B9 37E=3B 385=A8 387=B7 622=627 623=627 624=648 625=627 626=64A 6C0=6D5 6C2=6C1 6D3=6D2 929=928 931=930 934=933 958=915 959=916
        95A=917 95B=91C 95C=921 95D=922 95E=92B 95F=92F 9CB=9C7+9BE 9CC=9C7+9D7 9DC=9A1 9DD=9A2 9DF=9AF A33=A32 A36=A38 A59=A16 A5A=A17 A5B=A1C
        A5E=A2B B48=B47 B4B=B47+B3E B4C=B47+B57 B5C=B21 B5D=B22 B94=B92+BD7 BCA=BC6+BBE BCB=BC7+BBE BCC=BC6+BD7 CC0=CD5 CC7=CD5 CC8=CD6 CCA=CC2
        CCB=CC2+CD5 D4A=D46+D3E D4B=D47+D3E D4C=D46+D57 DDA=DD9 DDC=DD9+DCF DDD=DD9+DCF DDE=DD9+DDF F43=F42 F4D=F4C F52=F51 F57=F56 F5C=F5B
        F69=F40 1026=1025 1B06=1B05+1B35 1B08=1B07+1B35 1B0A=1B09+1B35 1B0C=1B0B+1B35 1B0E=1B0D+1B35 1B12=1B11+1B35 1B3B=1B35 1B3D=1B35
        1B40=1B3E+1B35 1B41=1B3F+1B35 1B43=1B35 1F71=3B1 1F73=3B5 1F75=3B7 1F77=3B9 1F79=3BF 1F7B=3C5 1F7D=3C9 1FBB=391 1FBE=3B9 1FC1=A8 1FC9=395
        1FCB=397 1FCD=1FBF 1FCE=1FBF 1FCF=1FBF 1FD3=3B9 1FDB=399 1FDD=1FFE 1FDE=1FFE 1FDF=1FFE 1FE3=3C5 1FEB=3A5 1FED=A8 1FEE=A8 1FEF=60 1FF9=39F
        1FFB=3A9 1FFD=B4 2000=2002 2001=2003 2126=3A9 212A=4B 212B=41 219A=2190 219B=2192 21AE=2194 21CD=21D0 21CE=21D4 21CF=21D2 2204=2203
        2209=2208 220C=220B 2224=2223 2226=2225 2241=223C 2244=2243 2247=2245 2249=2248 2260=3D 2262=2261 226D=224D 226E=3C 226F=3E 2270=2264
        2271=2265 2274=2272 2275=2273 2278=2276 2279=2277 2280=227A 2281=227B 2284=2282 2285=2283 2288=2286 2289=2287 22AC=22A2 22AD=22A8
        22AE=22A9 22AF=22AB 22E0=227C 22E1=227D 22E2=2291 22E3=2292 22EA=22B2 22EB=22B3 22EC=22B4 22ED=22B5 2329=3008 232A=3009 2ADC=2ADD FB1D=5D9
        FB1F=5F2 FB2A=5E9 FB2B=5E9 FB2C=5E9 FB2D=5E9 FB2E=5D0 FB2F=5D0 FB30=5D0 FB31=5D1 FB32=5D2 FB33=5D3 FB34=5D4 FB35=5D5 FB36=5D6 FB38=5D8
        FB39=5D9 FB3A=5DA FB3B=5DB FB3C=5DC FB3E=5DE FB40=5E0 FB41=5E1 FB43=5E3 FB44=5E4 FB46=5E6 FB47=5E7 FB48=5E8 FB49=5E9 FB4A=5EA FB4B=5D5
        FB4C=5D1 FB4D=5DB FB4E=5E4 1109A=11099 1109C=1109B 110AB=110A5 1134B=11347+1133E 1134C=11347+11357 114BB=114B9 114BC=114B9+114B0
        114BE=114B9+114BD 115BA=115B8+115AF 115BB=115B9+115AF 1D15E=1D157+1D165 1D15F=1D158+1D165 1D160=1D158+1D165+1D16E
        1D161=1D158+1D165+1D16F 1D162=1D158+1D165+1D170 1D163=1D158+1D165+1D171 1D164=1D158+1D165+1D172 1D1BB=1D1B9+1D165 1D1BC=1D1BA+1D165
        1D1BD=1D1B9+1D165+1D16E 1D1BE=1D1BA+1D165+1D16E 1D1BF=1D1B9+1D165+1D16F 1D1C0=1D1BA+1D165+1D16F
        """;

    /// <summary>Ideographs that stand for others: the number of the first of a line, and what it and those after it are.</summary>
    private const string Ideographs = """
        F900 豈更車賈滑串句龜龜契金喇奈懶癩羅蘿螺裸邏樂洛烙珞落酪駱亂卵欄爛蘭鸞嵐濫藍襤拉臘蠟廊朗浪狼郎來冷勞擄櫓爐盧老蘆虜路露魯鷺碌祿綠菉錄
        F940 鹿論壟弄籠聾牢磊賂雷壘屢樓淚漏累縷陋勒肋凜凌稜綾菱陵讀拏樂諾丹寧怒率異北磻便復不泌數索參塞省葉說殺辰沈拾若掠略亮兩凉梁糧良諒量勵
        F980 呂女廬旅濾礪閭驪麗黎力曆歷轢年憐戀撚漣煉璉秊練聯輦蓮連鍊列劣咽烈裂說廉念捻殮簾獵令囹寧嶺怜玲瑩羚聆鈴零靈領例禮醴隸惡了僚寮尿料樂
        F9C0 燎療蓼遼龍暈阮劉杻柳流溜琉留硫紐類六戮陸倫崙淪輪律慄栗率隆利吏履易李梨泥理痢罹裏裡里離匿溺吝燐璘藺隣鱗麟林淋臨立笠粒狀炙識什茶刺
        FA00 切度拓糖宅洞暴輻行降見廓兀嗀
        FA10 塚
        FA12 晴
        FA15 凞猪益礼神祥福靖精羽
        FA20 蘒
        FA22 諸
        FA25 逸都
        FA2A 飯飼館鶴郞隷侮僧免勉勤卑喝嘆器塀墨層屮悔慨憎懲敏既暑梅海渚漢煮爫琢碑社祉祈祐祖祝禍禎穀突節練縉繁署者臭艹艹著褐視謁謹賓贈辶逸難響
        FA6A 頻恵𤋮舘
        FA70 並况全侀充冀勇勺喝啕喙嗢塚墳奄奔婢嬨廒廙彩徭惘慎愈憎慠懲戴揄搜摒敖晴朗望杖歹殺流滛滋漢瀞煮瞧爵犯猪瑱甆画瘝瘟益盛直睊着磌窱節类絛
        FAB0 練缾者荒華蝹襁覆視調諸請謁諾諭謹變贈輸遲醙鉶陼難靖韛響頋頻鬒龜𢡊𢡄𣏕㮝䀘䀹𥉉𥳐𧻓齃龎
        2F800 丽丸乁𠄢你侮侻倂偺備僧像㒞𠘺免兔兤具𠔜㒹內再𠕋冗冤仌冬况𩇟凵刃㓟刻剆割剷㔕勇勉勤勺包匆北卉卑博即卽卿卿卿𠨬灰及叟𠭣叫叱吆咞吸呈周
        2F840 咢哶唐啓啣善善喙喫喳嗂圖嘆圗噑噴切壮城埴堍型堲報墬𡓤売壷夆多夢奢𡚨𡛪姬娛娧姘婦㛮㛼嬈嬾嬾𡧈寃寘寧寳𡬘寿将当尢㞁屠屮峀岍𡷤嵃𡷦嵮嵫
        2F880 嵼巡巢㠯巽帨帽幩㡢𢆃㡼庰庳庶廊𪎒廾𢌱𢌱舁弢弢㣇𣊸𦇚形彫㣣徚忍志忹悁㤺㤜悔𢛔惇慈慌慎慌慺憎憲憤憯懞懲懶成戛扝抱拔捐𢬌挽拼捨掃揤𢯱搢
        2F8C0 揅掩㨮摩摾撝摷㩬敏敬𣀊旣書晉㬙暑㬈㫤冒冕最暜肭䏙朗望朡杞杓𣏃㭉柺枅桒梅𣑭梎栟椔㮝楂榣槪檨𣚣櫛㰘次𣢧歔㱎歲殟殺殻𣪍𡴋𣫺汎𣲼沿泍汧洖
        2F900 派海流浩浸涅𣴞洴港湮㴳滋滇𣻑淹潮𣽞𣾎濆瀹瀞瀛㶖灊災灷炭𠔥煅𤉣熜𤎫爨爵牐𤘈犀犕𤜵𤠔獺王㺬玥㺸㺸瑇瑜瑱璅瓊㼛甤𤰶甾𤲒異𢆟瘐𤾡𤾸𥁄㿼䀈
        2F940 直𥃳𥃲𥄙𥄳眞真真睊䀹瞋䁆䂖𥐝硎碌磌䃣𥘦祖𥚚𥛅福秫䄯穀穊穏𥥼𥪧𥪧竮䈂𥮫篆築䈧𥲀糒䊠糨糣紀𥾆絣䌁緇縂繅䌴𦈨𦉇䍙𦋙罺𦌾羕翺者𦓚𦔣聠𦖨聰
        2F980 𣍟䏕育脃䐋脾媵𦞧𦞵𣎓𣎜舁舄辞䑫芑芋芝劳花芳芽苦𦬼若茝荣莭茣莽菧著荓菊菌菜𦰶𦵫𦳕䔫蓱蓳蔖𧏊蕤𦼬䕝䕡𦾱𧃒䕫虐虜虧虩蚩蚈蜎蛢蝹蜨蝫螆䗗
        2F9C0 蟡蠁䗹衠衣𧙧裗裞䘵裺㒻𧢮𧥦䚾䛇誠諭變豕𧲨貫賁贛起𧼯𠠄跋趼跰𠣞軔輸𨗒𨗭邔郱鄑𨜮鄛鈸鋗鋘鉼鏹鐕𨯺開䦕閷𨵷䧦雃嶲霣𩅅𩈚䩮䩶韠𩐊䪲𩒖頋頋
        2FA00 頩𩖶飢䬳餩馧駂駾䯎𩬰鬒鱀鳽䳎䳭鵧𪃎䳸𪄅𪈎𪊑麻䵖黹黾鼅鼏鼖鼻𪘀
        """;

    private const int FirstSyllable = 0xAC00;
    private const int Syllables = 11172;
    private const int Vowels = 21;
    private const int Finals = 28;

    private static readonly char[] s_white = [' ', '\r', '\n'];
    private static readonly Dictionary<int, string> s_bases = Read();

    /// <summary>Appends a character without its accents; an accent by itself is nothing.</summary>
    public static void AppendBase(Rune character, StringBuilder text)
    {
        if (character.Value - FirstSyllable is >= 0 and < Syllables and var syllable)
        {
            // Korean syllables (The Unicode Standard, 3.12): a first consonant, a vowel, and perhaps a last consonant.
            text.Append((char)(0x1100 + syllable / (Vowels * Finals))).Append((char)(0x1161 + syllable / Finals % Vowels));
            if (syllable % Finals is > 0 and var final)
                text.Append((char)(0x11A7 + final));
        }
        else if (s_bases.TryGetValue(character.Value, out var bare))
        {
            text.Append(bare);
        }
        else if (CharacterKinds.Of(character) != CharacterKind.Accent)
        {
            text.Append(character);
        }
    }

    private static Dictionary<int, string> Read()
    {
        var bases = new Dictionary<int, string>();
        foreach (var group in Groups.Split(s_white, StringSplitOptions.RemoveEmptyEntries))
        {
            var letters = group.EnumerateRunes().ToList();
            foreach (var letter in letters.Skip(1))
                bases.Add(letter.Value, letters[0].ToString());
        }

        foreach (var composed in Composed.Split(s_white, StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = composed.Split('=', '+');
            bases.Add(Number(parts[0]), string.Concat(parts.Skip(1).Select(static part => new Rune(Number(part)).ToString())));
        }

        foreach (var line in Ideographs.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Trim().Split(' ');
            var next = Number(parts[0]);
            foreach (var ideograph in parts[1].EnumerateRunes())
                bases.Add(next++, ideograph.ToString());
        }

        return bases;

        static int Number(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
