using GptGen.Checkpoints;

namespace GptGen.MiniLm;

/// <summary>The package's model as a generated class on the CPU.</summary>
internal sealed class MiniLmEncoder : IDisposable
{
    private readonly CpuDevice _device;
    private readonly MiniLmL6 _model;
    private MaskedEncodingGraph? _graph;
    private (int Sequences, int Length) _size;
    private int[] _tokens = [];
    private float[] _states = [];

    /// <summary>Reads the model's folder.</summary>
    public MiniLmEncoder(string folder, int threads)
    {
        _device = new(threads, inferenceOnly: true);
        _model = MiniLmL6.Create(_device);
        ModelCheckpoint.Load(_model, folder);
    }

    /// <summary>The model.</summary>
    public MiniLmL6 Model => _model;

    /// <summary>The embeddings of sequences: the means of their final states, scaled to length 1.</summary>
    /// <param name="sequences">Their tokens with marks; shorter ones are padded.</param>
    public float[][] Embed(IReadOnlyList<int[]> sequences)
    {
        var length = sequences.Max(static tokens => tokens.Length);
        Fit(sequences.Count, length);
        for (var sequence = 0; sequence < sequences.Count; sequence++)
            sequences[sequence].CopyTo(_tokens, sequence * length);
        _graph!.Encode(length, _tokens, [], [.. sequences.Select(static tokens => tokens.Length)]);
        _graph.ReadHidden(_states);
        return [.. sequences.Select((tokens, sequence) =>
            SentencePooling.Pool(_states.AsSpan(sequence * length * SentencePooling.Width, tokens.Length * SentencePooling.Width)))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _graph?.Dispose();
        _model.Dispose();
        _device.Dispose();
    }

    private void Fit(int sequences, int length)
    {
        if (_size == (sequences, length))
            return;
        _graph?.Dispose();
        _graph = _model.CreateEncoding(sequences, length);
        (_size, _tokens, _states) = ((sequences, length), new int[sequences * length], new float[sequences * length * SentencePooling.Width]);
    }
}
