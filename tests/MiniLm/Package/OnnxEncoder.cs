using Microsoft.ML.OnnxRuntime;

namespace GptGen.MiniLm;

/// <summary>The package's model in ONNX Runtime.</summary>
internal sealed class OnnxEncoder : IDisposable
{
    private static readonly string[] s_inputs = ["input_ids", "attention_mask", "token_type_ids"];
    private static readonly string[] s_outputs = ["last_hidden_state"];

    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();

    /// <summary>Reads the model.</summary>
    /// <param name="threads">Threads of a call.</param>
    public OnnxEncoder(int threads)
    {
        _options = new() { IntraOpNumThreads = threads, InterOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        _session = new(MiniLmPackage.Model, _options);
    }

    /// <summary>The embeddings of sequences: the means of their final states, scaled to length 1.</summary>
    /// <param name="sequences">Their tokens with marks; shorter ones are padded.</param>
    public float[][] Embed(IReadOnlyList<int[]> sequences)
    {
        var length = sequences.Max(static tokens => tokens.Length);
        var (tokens, mask, types) = (new long[sequences.Count * length], new long[sequences.Count * length], new long[sequences.Count * length]);
        for (var sequence = 0; sequence < sequences.Count; sequence++)
        {
            for (var position = 0; position < sequences[sequence].Length; position++)
                (tokens[sequence * length + position], mask[sequence * length + position]) = (sequences[sequence][position], 1);
        }

        long[] shape = [sequences.Count, length];
        using var tokenValue = OrtValue.CreateTensorValueFromMemory(tokens, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using var typeValue = OrtValue.CreateTensorValueFromMemory(types, shape);
        using var outputs = _session.Run(_run, s_inputs, [tokenValue, maskValue, typeValue], s_outputs);
        var states = outputs[0].GetTensorDataAsSpan<float>();
        var embeddings = new float[sequences.Count][];
        for (var sequence = 0; sequence < embeddings.Length; sequence++)
        {
            var (first, count) = (sequence * length, sequences[sequence].Length);
            embeddings[sequence] = SentencePooling.Pool(states.Slice(first * SentencePooling.Width, count * SentencePooling.Width));
        }

        return embeddings;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
        _options.Dispose();
    }
}
