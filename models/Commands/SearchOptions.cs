using System.CommandLine;
using GptGen.Generation;

namespace GptGen.Models.Commands;

/// <summary>The options of a command that searches for the most probable text, or may in place of drawing some.</summary>
internal sealed class SearchOptions
{
    private readonly Option<int> beams;
    private readonly Option<double> penalty;
    private readonly Option<int> best;

    /// <summary>For texts that are drawn unless a number of beams is given.</summary>
    internal SearchOptions()
        : this("With --beams", "Search for the most probable text, with this many beginnings side by side, in place of drawing one.", 0) =>
        beams.DefaultValueFactory = null;

    /// <summary>For models that were trained on pairs, which always search.</summary>
    /// <param name="beams">Beams where none are given.</param>
    internal SearchOptions(int beams)
        : this(
            "Of models trained on pairs",
            "Of models trained on pairs: beginnings of a translation that are searched side by side; 1 is greedy.", beams)
    {
    }

    private SearchOptions(string of, string description, int otherwise)
    {
        beams = CommonOptions.Number("--beams", description, otherwise, least: 1);
        penalty = CommonOptions.Number(
            "--length-penalty", $"{of}: a text's log probability is divided by its number of tokens to this power; lower favours short texts.", 1.0,
            least: 0);
        best = CommonOptions.Number("--best", $"{of}: how many of the best texts to print.", 1, least: 1);
    }

    /// <summary>The options.</summary>
    internal IReadOnlyList<Option> All => [beams, penalty, best];

    /// <summary>How to search; null where texts are drawn.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="tokens">The most tokens of a text.</param>
    /// <param name="ofDraws">Options that only make sense for draws.</param>
    /// <exception cref="GptGenException">Options contradict one another, or a number is out of range.</exception>
    internal BeamOptions? ReadUnlessDrawn(ParseResult result, int tokens, params IEnumerable<Option> ofDraws)
    {
        if (!result.IsGiven(beams))
        {
            return new Option[] { penalty, best }.FirstOrDefault(result.IsGiven) is not { } alone ? null
                : throw new GptGenException($"{alone.Name} is of a search: give --beams, the number of beams, too.");
        }

        var names = ofDraws.Where(result.IsGiven).Select(static option => option.Name).ToList();
        if (names.Count > 0)
        {
            throw new GptGenException(
                $"--beams searches for the most probable text and draws none: leave out {string.Join(", ", names)}, or --beams.");
        }

        return Read(result, tokens);
    }

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
}
