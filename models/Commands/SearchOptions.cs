using System.CommandLine;
using GptGen.Generation;

namespace GptGen.Models.Commands;

/// <summary>The options of a command that may search for the most probable texts in place of drawing some.</summary>
internal sealed class SearchOptions
{
    private readonly Option<int> beams = CommonOptions.Number(
        "--beams", "Search for the most probable text, with this many beginnings side by side, in place of drawing one.", 0, least: 1);

    private readonly Option<double> penalty = CommonOptions.Number(
        "--length-penalty", "With --beams: divide a text's log probability by its number of tokens to this power; lower favours short texts.", 1.0);

    private readonly Option<int> best = CommonOptions.Number("--best", "With --beams: how many of the best texts to print.", 1, least: 1);

    internal SearchOptions() => beams.DefaultValueFactory = null;

    internal void AddTo(Command command)
    {
        command.Add(beams);
        command.Add(penalty);
        command.Add(best);
    }

    /// <summary>How to search; null where texts are drawn.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="tokens">The most tokens of a text.</param>
    /// <param name="ofDraws">Options that only make sense for draws.</param>
    /// <exception cref="GptGenException">Options contradict one another, or a number is out of range.</exception>
    internal BeamOptions? Read(ParseResult result, int tokens, params IEnumerable<Option> ofDraws)
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

        var options = new BeamOptions
        {
            Beams = result.GetValue(beams), Best = result.GetValue(best), Tokens = tokens,
            LengthPenalty = LengthPenalty.Power(result.GetValue(penalty)),
        };
        options.Validate();
        return options;
    }
}
