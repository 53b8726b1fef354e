using LLama;
using LLama.Common;
using LLama.Native;

namespace GptGen.Benchmarks.LlamaCpp;

/// <summary>llama.cpp with several texts of one model.</summary>
internal sealed class LlamaCppSide : IDisposable
{
    private readonly LLamaWeights weights;
    private readonly LLamaContext context;
    private readonly LLamaBatch batch = new();

    static LlamaCppSide() => NativeLogConfig.llama_log_set(static (level, message) =>
    {
        if (level is LLamaLogLevel.Error)
            Console.Error.Write(message);
    });

    public LlamaCppSide(string path, int threads, int texts)
    {
        var parameters = new ModelParams(path)
        {
            Threads = threads,
            BatchThreads = threads,
            GpuLayerCount = 0,
            SeqMax = (uint)texts,
            ContextSize = (uint)(texts * 1024),
        };
        weights = LLamaWeights.LoadFromFile(parameters);
        context = weights.CreateContext(parameters);
    }

    /// <summary>Reads prompts of equal length, which lie one behind the other.</summary>
    public void Read(ReadOnlySpan<int> prompts, int length)
    {
        for (var index = 0; index < prompts.Length; index++)
            batch.Add(prompts[index], index % length, (LLamaSeqId)(index / length), logits: false);
        Run();
    }

    /// <summary>The logits behind one more token of each text.</summary>
    public void Decode(ReadOnlySpan<int> tokens, int position)
    {
        for (var text = 0; text < tokens.Length; text++)
            batch.Add(tokens[text], position, (LLamaSeqId)text, logits: true);
        Run();
        if (context.NativeHandle.GetLogitsIth(0).IsEmpty)
            throw new InvalidOperationException("llama.cpp gives no logits.");
    }

    public void Dispose()
    {
        context.Dispose();
        weights.Dispose();
    }

    private void Run()
    {
        if (context.Decode(batch) != DecodeResult.Ok)
            throw new InvalidOperationException("llama.cpp cannot decode.");
        batch.Clear();
    }
}
