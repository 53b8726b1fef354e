using System.CommandLine;
using GptGen.Generation;
using GptGen.Translation;

namespace GptGen.Models.Commands;

/// <summary>How translations are searched for.</summary>
internal sealed class TranslationOptions
{
    private readonly Option<int> beams = CommonOptions.Number(
        "--beams", "Of models trained on pairs: beginnings of a translation that are searched side by side; 1 is greedy.", 4, least: 1);

    private readonly Option<double> penalty = CommonOptions.Number(
        "--length-penalty",
        "Of models trained on pairs: a translation's log probability is divided by its number of tokens to this power; lower favours short ones.", 1.0);

    private readonly Option<int> best = CommonOptions.Number(
        "--best", "Of models trained on pairs: how many of the best translations to print.", 1, least: 1);

    /// <summary>The options.</summary>
    internal IReadOnlyList<Option> All => [beams, penalty, best];

    /// <summary>How to search.</summary>
    /// <exception cref="GptGenException">A number is out of range.</exception>
    internal BeamOptions Read(ParseResult result, int tokens)
    {
        var options = new BeamOptions
        {
            Beams = result.GetValue(beams),
            Best = result.GetValue(best),
            Tokens = tokens,
            LengthPenalty = LengthPenalty.Power(result.GetValue(penalty)),
        };
        options.Validate();
        return options;
    }

    /// <summary>The memory of translating so many texts.</summary>
    internal static MemoryNeed Need(ModelDescription model, BeamOptions options, int sources) =>
        MemoryNeed.Inference(Translator.SizeFor(model, options, Math.Clamp(sources, 1, Translator.DefaultBatch)), "fewer --beams");
}
