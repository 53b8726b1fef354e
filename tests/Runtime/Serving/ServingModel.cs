using GptGen.Runtime.Tests.Models;
using GptGen.Sampling;
using GptGen.Serving;
using GptGen.Text;

namespace GptGen.Runtime.Tests.Serving;

/// <summary>A tiny model whose texts vary, and engines of it.</summary>
internal sealed class ServingModel : IDisposable
{
    private readonly CpuDevice device = new(2);

    public ServingModel()
    {
        Model = Gpt2Tiny.Create(device);
        Model.Initialize(seed: 3);
        var weights = new float[Model.Parameters.Elements];
        Model.Parameters.Read(0, weights);
        Model.Parameters.Write(0, Array.ConvertAll(weights, static weight => 5 * weight));
    }

    public Gpt2Tiny Model { get; }

    public GenerationEngine Engine(int slots, int queue = 64) => new(Model, ByteTokenizer.Instance, new() { Slots = slots, QueueLimit = queue });

    public static EngineRequest Request(int index, int promptLength, int tokens, int? alternatives = null) => new()
    {
        Prompt = [.. Enumerable.Range(0, promptLength).Select(place => ((index * 31) + (place * 7)) % 256)],
        Tokens = tokens,
        Sampling = index % 3 == 0
            ? SamplingOptions.Greedy
            : new() { Seed = (uint)index, TopP = index % 2 == 0 ? 0.9f : 1, RepetitionPenalty = index % 5 == 0 ? 1.2f : 1 },
        Alternatives = alternatives,
    };

    public static async Task<int[]> Tokens(EngineSequence sequence, CancellationToken cancellation = default)
    {
        var seen = 0;
        while (sequence.End == EndReason.None)
            seen = await sequence.WaitAsync(seen, cancellation);
        await sequence.WaitAsync(0, cancellation);
        return [.. Enumerable.Range(0, sequence.Count).Select(sequence.Token)];
    }

    public void Dispose()
    {
        Model.Dispose();
        device.Dispose();
    }
}
