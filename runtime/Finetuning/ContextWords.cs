using System.Text;
using GptGen.Text;

namespace GptGen.Finetuning;

/// <summary>
/// Where the words of a context stand, which are tokens by themselves as within it: what stands between spaces, each mark of punctuation and each
/// ideograph apart, as BERT's basic tokenizer cuts text.
/// </summary>
internal static class ContextWords
{
    internal static IEnumerable<(int Start, int End)> Of(string text)
    {
        var start = -1;
        for (var index = 0; index < text.Length;)
        {
            var width = Rune.TryGetRuneAt(text, index, out var character) ? character.Utf16SequenceLength : 1;
            var kind = width == 1 && char.IsSurrogate(text[index]) ? CharacterKind.Plain : CharacterKinds.Of(character);
            var isAlone = kind is CharacterKind.Punctuation or CharacterKind.Ideograph;
            if (start >= 0 && (isAlone || kind == CharacterKind.Space))
            {
                yield return (start, index);
                start = -1;
            }

            if (isAlone)
                yield return (index, index + width);
            else if (start < 0 && kind != CharacterKind.Space)
                start = index;
            index += width;
        }

        if (start >= 0)
            yield return (start, text.Length);
    }
}
