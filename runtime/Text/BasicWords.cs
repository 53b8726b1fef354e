using System.Text;

namespace GptGen.Text;

/// <summary>What a word keeps of its text.</summary>
/// <param name="Lowercase">Whether letters lose their case.</param>
/// <param name="StripsAccents">Whether letters lose their accents.</param>
/// <param name="SeparatesIdeographs">Whether each Chinese character is a word of its own.</param>
internal readonly record struct WordRules(bool Lowercase, bool StripsAccents, bool SeparatesIdeographs)
{
    /// <summary>Neither case nor accents are kept, as in BERT's uncased vocabularies and GPT-1's.</summary>
    public static readonly WordRules Uncased = new(true, true, true);

    /// <summary>Both are kept.</summary>
    public static readonly WordRules Cased = new(false, false, true);
}

/// <summary>
/// Cuts text into words as BERT's basic tokenizer does (Devlin et al. 2018), in the way of Hugging Face's tokenizers library: control characters are
/// dropped, letters may lose accents and then case, each letter by itself, and each mark of punctuation is a word of its own.
/// </summary>
internal static class BasicWords
{
    private const int DottedCapitalI = 0x130;

    /// <summary>Whether a character, or a byte of UTF-8, is a space at which any text can be cut without changing its words.</summary>
    public static bool IsPlainSpace(int value) => value is ' ' or '\t' or '\n' or '\r';

    /// <summary>The words of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="rules">What words keep of it.</param>
    public static List<string> Of(string text, WordRules rules)
    {
        var words = new List<string>();
        var (word, letters) = (new StringBuilder(), new StringBuilder());
        foreach (var character in text.EnumerateRunes())
        {
            var kind = CharacterKinds.Of(character);
            if (kind == CharacterKind.Dropped)
                continue;
            var isAlone = kind == CharacterKind.Ideograph && rules.SeparatesIdeographs;
            if (kind == CharacterKind.Space || isAlone)
                End();
            if (kind == CharacterKind.Space)
                continue;
            letters.Clear();
            if (rules.StripsAccents)
                Accents.AppendBase(character, letters);
            else
                letters.Append(character);
            foreach (var letter in letters.ToString().EnumerateRunes())
                Add(rules.Lowercase ? Rune.ToLowerInvariant(letter) : letter);
            if (isAlone)
                End();
        }

        End();
        return words;

        void Add(Rune letter)
        {
            // Some letters become punctuation without their accents, as U+2260 does.
            if (CharacterKinds.Of(letter) == CharacterKind.Punctuation)
            {
                End();
                words.Add(letter.ToString());
            }
            else if (letter.Value == DottedCapitalI && rules.Lowercase)
            {
                // The one letter whose lower case is two characters.
                word.Append("i\u0307");
            }
            else
            {
                word.Append(letter);
            }
        }

        void End()
        {
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }
    }
}
