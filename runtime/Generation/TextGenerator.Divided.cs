using GptGen.Distributed;

namespace GptGen.Generation;

/// <content>Samples that several processes divide.</content>
public sealed partial class TextGenerator
{
    /// <summary>Tokens of a sample that a process draws before all hear of them: what they tell each other then takes no time beside it.</summary>
    private const int TokensAtOnce = 16;

    /// <summary>Samples that the largest part of several has.</summary>
    /// <param name="samples">Samples in all.</param>
    /// <param name="others">The processes that divide them; null for one.</param>
    internal static int SamplesAtOnce(int samples, Communicator? others) => (int)(((long)samples + (others?.Size ?? 1) - 1) / (others?.Size ?? 1));

    /// <summary>
    /// All samples' text as <see cref="Generate(string, GenerationOptions, CancellationToken)"/> has it, of which each process writes some and all
    /// get all. What a sample draws follows from its number, so who writes it changes nothing but, on devices and of models whose products round
    /// otherwise with other numbers of rows, the last bits of logits.
    /// </summary>
    /// <param name="prompt">What the samples begin with.</param>
    /// <param name="options">How they are written.</param>
    /// <param name="others">The processes; null for one.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="GptGenException">An option is out of range, the prompt is too long, or a process cannot be reached.</exception>
    internal IEnumerable<GeneratedText> Generate(
        string prompt, GenerationOptions options, Communicator? others, CancellationToken cancellation)
    {
        if (others is null)
            return Generate(prompt, options, cancellation);
        options.Validate();
        return Divide(Start(Tokenizer.EncodePrompt(prompt)), options, others, cancellation);
    }

    private IEnumerable<GeneratedText> Divide(int[] start, GenerationOptions options, Communicator others, CancellationToken cancellation)
    {
        // Of each token its sample, counted from 1, itself and its logarithm of a probability.
        const int Numbers = 3;
        var atOnce = SamplesAtOnce(options.Samples, others);
        var first = (int)Math.Min(options.Samples, (long)atOnce * others.Rank);
        var count = Math.Min(atOnce, options.Samples - first);
        var texts = Enumerable.Range(0, options.Samples).Select(_ => new SampleText(options, Tokenizer)).ToArray();
        // All stop together, between two turns: this process's own work is not to stop by itself.
        using var own = (count == 0 ? [] : Continue(start, options, first, count, default)).GetEnumerator();
        foreach (var (_, numbers) in DividedWork.Of(others, Turns(), Numbers * TokensAtOnce * atOnce, Write, cancellation))
        {
            for (var place = 0; place < numbers.Length && numbers.Span[place] is > 0 and var number; place += Numbers)
            {
                var (sample, token) = ((int)number - 1, (int)numbers.Span[place + 1]);
                yield return new(sample, texts[sample].Append(token), token, options.LogProbabilities ? numbers.Span[place + 2] : null);
            }
        }

        // A turn of each process, then the next, until all know that every text has ended.
        IEnumerable<int> Turns()
        {
            while (!texts.All(static text => text.IsFinished))
            {
                for (var rank = 0; rank < others.Size; rank++)
                    yield return rank;
            }
        }

        void Write(int _, Span<double> numbers)
        {
            for (; !numbers.IsEmpty && own.MoveNext(); numbers = numbers[Numbers..])
                (numbers[0], numbers[1], numbers[2]) = (own.Current.Sample + 1, own.Current.Token, own.Current.LogProbability ?? 0);
        }
    }
}
