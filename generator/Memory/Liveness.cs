using GptGen.Generator.Graph;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Memory;

/// <summary>
/// From the first to the last call that touches a value. A loop's calls repeat, so values from outside live through the whole loop.
/// </summary>
internal static class Liveness
{
    public static IReadOnlyDictionary<Value, (int First, int Last)> Of(IEnumerable<CallSection> sections)
    {
        var spans = new Dictionary<Value, (int First, int Last)>();
        var time = 0;
        foreach (var section in sections)
        {
            var (begin, end) = (time, time + section.Calls.Count - 1);
            foreach (var call in section.Calls)
            {
                var values = call.Result is null ? call.Values : call.Values.Append(call.Result);
                foreach (var value in values.SelectMany(value => value.Owners))
                    Touch(spans, value, section.Loop is not null && value.Loop != section.Loop ? (begin, end) : (time, time));
                time++;
            }
        }

        return spans;
    }

    private static void Touch(Dictionary<Value, (int First, int Last)> spans, Value value, (int First, int Last) span) =>
        spans[value] = spans.TryGetValue(value, out var known)
            ? (Math.Min(known.First, span.First), Math.Max(known.Last, span.Last))
            : span;
}
