using GptGen.Generator.Graph;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Memory;

/// <summary>A run of calls; a loop's calls repeat, so what they share with calls outside must live through the whole loop.</summary>
internal sealed record Section(IReadOnlyList<Call> Calls, bool IsLoop);

/// <summary>From the first to the last call that touches a value, loops counted whole for values from outside.</summary>
internal static class Liveness
{
    public static IReadOnlyDictionary<Value, (int First, int Last)> Of(IReadOnlyList<Section> sections)
    {
        var spans = new Dictionary<Value, (int First, int Last)>();
        var time = 0;
        foreach (var section in sections)
        {
            var (begin, end) = (time, time + section.Calls.Count - 1);
            foreach (var call in section.Calls)
            {
                var values = call.Result is null ? call.Values : call.Values.Append(call.Result);
                foreach (var value in values.SelectMany(Memory))
                    Touch(spans, value, section.IsLoop && !value.InLayer ? (begin, end) : (time, time));
                time++;
            }
        }

        return spans;
    }

    private static IEnumerable<Value> Memory(Value value) => value.Backing.Count == 0 ? [value] : value.Backing.SelectMany(Memory);

    private static void Touch(Dictionary<Value, (int First, int Last)> spans, Value value, (int First, int Last) span) =>
        spans[value] = spans.TryGetValue(value, out var known)
            ? (Math.Min(known.First, span.First), Math.Max(known.Last, span.Last))
            : span;
}
