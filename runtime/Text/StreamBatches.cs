using GptGen.Training;

namespace GptGen.Text;

/// <summary>
/// A sequence of tokens cut into streams that are read side by side, segment by segment: each batch goes on where the one before ended. To be read
/// to its end, the last streams may be shorter or empty; to train on, all are alike and a rest of less than a token a stream is left out.
/// </summary>
public sealed class StreamBatches
{
    private readonly TokenSource tokens;

    /// <summary>Cuts the sequence.</summary>
    /// <param name="tokens">The sequence.</param>
    /// <param name="streams">Streams, B.</param>
    /// <param name="length">Tokens in a segment, T.</param>
    /// <param name="areAlike">Whether all streams have the same tokens, of which some may be left out.</param>
    /// <exception cref="GptGenException">There is less than a token to predict for each stream.</exception>
    public StreamBatches(TokenSource tokens, int streams, int length, bool areAlike = false)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(streams);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        tokens.RequirePredictable();
        if (tokens.Count <= streams)
        {
            throw new GptGenException(
                $"{tokens.Name} has {tokens.Count} tokens, too few for {streams} streams: give a longer text or fewer streams.");
        }

        this.tokens = tokens;
        Streams = streams;
        Length = length;
        StreamLength = (PredictionCount + (areAlike ? 0 : streams - 1)) / streams;
    }

    /// <summary>The streams that a run trains on: one for each sequence of a step, all alike.</summary>
    /// <param name="tokens">The sequence.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="GptGenException">A stream has no whole segment.</exception>
    internal static StreamBatches ToTrainOn(TokenSource tokens, TrainingOptions options)
    {
        var streams = new StreamBatches(tokens, checked(options.Batch * options.Accumulate), options.Length, areAlike: true);
        return streams.WholeSegmentCount > 0
            ? streams
            : throw new GptGenException(
                $"There is too little to train on in {tokens.Name}: {streams.Streams} streams of its {tokens.Count} tokens have no "
                + $"segment of {options.Length}; give a longer text, or a smaller TrainingOptions.Batch, TrainingOptions.Accumulate "
                + "or TrainingOptions.Length.");
    }

    /// <summary>Streams, B.</summary>
    public int Streams { get; }

    /// <summary>Tokens in a segment, T.</summary>
    public int Length { get; }

    /// <summary>Tokens of a stream that are read; each has one that follows it.</summary>
    public long StreamLength { get; }

    /// <summary>The number of tokens that are predicted: all but the first.</summary>
    public long PredictionCount => tokens.Count - 1;

    /// <summary>Segments of a stream, a shorter last one included.</summary>
    public long SegmentCount => (StreamLength + Length - 1) / Length;

    /// <summary>Segments of a stream without a shorter last one.</summary>
    public long WholeSegmentCount => StreamLength / Length;

    /// <summary>Reads a segment of some streams. Allocates nothing.</summary>
    /// <param name="segment">The segment, below <see cref="SegmentCount"/>.</param>
    /// <param name="firstStream">The first stream.</param>
    /// <param name="inputs">Receives the tokens, (streams, length of the segment); 0 behind a stream's end.</param>
    /// <param name="targets">Receives the token that follows each; <see cref="TokenWindow.Ignored"/> behind a stream's end.</param>
    /// <exception cref="GptGenException">The tokens cannot be read or lie outside the vocabulary.</exception>
    public void Fill(long segment, int firstStream, Span<int> inputs, Span<int> targets)
    {
        var length = LengthOf(segment);
        TokenWindow.CheckShape(inputs, targets, length);
        for (var row = 0; row < inputs.Length / length; row++)
        {
            var rowInputs = inputs.Slice(row * length, length);
            var rowTargets = targets.Slice(row * length, length);
            var start = ((firstStream + row) * StreamLength) + (segment * Length);
            var count = (int)Math.Clamp(PredictionCount - start, 0, length);
            rowInputs[count..].Clear();
            rowTargets[count..].Fill(TokenWindow.Ignored);
            if (count > 0)
                TokenWindow.Read(tokens, start, rowInputs[..count], rowTargets[..count]);
        }
    }

    /// <summary>
    /// Reads a segment of some streams for a model that goes through them from the end: the segments follow one another from each stream's end to its
    /// beginning, each in the order of the text. Allocates nothing.
    /// </summary>
    /// <param name="segment">The segment, below <see cref="SegmentCount"/>; 0 is the last of the text.</param>
    /// <param name="firstStream">The first stream.</param>
    /// <param name="inputs">Receives the tokens, (streams, length of the segment); 0 behind the last of a stream's.</param>
    /// <param name="targets">Receives the token that stands before each; <see cref="TokenWindow.Ignored"/> behind the last of a stream's.</param>
    /// <exception cref="GptGenException">The tokens cannot be read or lie outside the vocabulary.</exception>
    public void FillBackward(long segment, int firstStream, Span<int> inputs, Span<int> targets)
    {
        var length = LengthOf(segment);
        TokenWindow.CheckShape(inputs, targets, length);
        for (var row = 0; row < inputs.Length / length; row++)
        {
            var rowInputs = inputs.Slice(row * length, length);
            var rowTargets = targets.Slice(row * length, length);
            var begin = (firstStream + row) * StreamLength;
            var end = Math.Min(begin + StreamLength, PredictionCount) - (segment * Length);
            var count = (int)Math.Clamp(end - begin, 0, length);
            rowInputs[count..].Clear();
            rowTargets[count..].Fill(TokenWindow.Ignored);
            // Of a token and the one that follows it, the former is what is predicted.
            if (count > 0)
                TokenWindow.Read(tokens, end - count, rowTargets[..count], rowInputs[..count]);
        }
    }

    /// <summary>Tokens of a segment in each stream.</summary>
    public int LengthOf(long segment)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(segment);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(segment, SegmentCount);
        return (int)Math.Min(Length, StreamLength - (segment * Length));
    }
}
