using System.Globalization;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// Cuts text into the words within which GPT-1 merges, by the rules that Hugging Face's tokenizer follows: BERT's basic tokenizer (Devlin et al. 2018).
/// Control characters are dropped, letters lose case and accents, and each mark of punctuation and each Chinese character is a word of its own.
/// </summary>
internal static class Gpt1Words
{
    private static readonly (int First, int Last)[] s_chinese =
    [
        (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0x2F800, 0x2FA1F),
    ];

    /// <summary>Whether a character, or a byte of UTF-8, is a space at which any text can be cut without changing its words.</summary>
    public static bool IsPlainSpace(int value) => value is ' ' or '\t' or '\n' or '\r';

    /// <summary>The words of a text.</summary>
    public static List<string> Of(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsSpace(rune))
            {
                End();
            }
            else if (!IsDropped(rune) && Accents.Strip(Rune.ToLowerInvariant(rune)) is { } plain)
            {
                if (!StandsAlone(plain))
                {
                    word.Append(plain);
                    continue;
                }

                End();
                words.Add(plain.ToString());
            }
        }

        End();
        return words;

        void End()
        {
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }
    }

    private static bool IsSpace(Rune rune) => IsPlainSpace(rune.Value) || (Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune));

    private static bool IsDropped(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    /// <summary>Punctuation, to which here every ASCII character but letters, digits and spaces belongs, and Chinese characters.</summary>
    private static bool StandsAlone(Rune rune) =>
        rune.IsAscii ? !Rune.IsLetterOrDigit(rune)
        : Rune.IsPunctuation(rune) || Array.Exists(s_chinese, range => rune.Value >= range.First && rune.Value <= range.Last);
}
