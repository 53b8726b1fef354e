using System.Diagnostics;
using System.Text;
using GptGen.Text;

namespace GptGen.Benchmarks.Tokenizers;

/// <summary>Encoding, decoding and learning vocabularies beside other libraries, one thread, in turn; all must give the same tokens.</summary>
internal static class TokenizerContest
{
    private const int Vocabulary = 8000;

    /// <summary>Prints the table; 1 where tokens differ.</summary>
    public static int Run(int runs)
    {
        var corpus = SdkDocumentation.Load();
        var text = Encoding.UTF8.GetString(corpus.Documents[0]);
        var sentences = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Console.WriteLine(
            $"{corpus.ByteCount / 1e6:f1} MB of text in {sentences.Length:n0} sentences; one thread, {runs} timings in turn; MB/s: best / middle");

        var folder = Directory.CreateTempSubdirectory("gptgen-tokenizers-").FullName;
        try
        {
            Contestant[] gpt2 = [.. Contestant.Gpt2(Path.Combine(folder, "gpt2"))];
            var equal = Encode("GPT-2, the text at once", gpt2, [text], runs);
            equal &= Encode("GPT-2, a sentence at a time", gpt2, sentences, runs);
            equal &= Decode("GPT-2, tokens to the text", gpt2, text, runs);

            var words = Path.Combine(folder, "words");
            WordPieceTrainer.Train(corpus, Vocabulary).Save(words);
            equal &= Encode("WordPiece, a sentence at a time", [.. Contestant.WordPiece(words)], sentences, runs);

            Learn("learning byte pairs", corpus, () => BytePairTrainer.Train(corpus, Vocabulary));
            Learn("learning word pieces", corpus, () => WordPieceTrainer.Train(corpus, Vocabulary));
            return equal ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Encode(string work, Contestant[] contestants, string[] texts, int runs)
    {
        var bytes = texts.Sum(static text => Encoding.UTF8.GetByteCount(text));
        var expected = texts.Select(text => contestants[0].Encode(text).ToArray()).ToArray();
        var differences = contestants.Select(
            contestant => texts.Zip(expected).Count(pair => !contestant.Encode(pair.First).SequenceEqual(pair.Second))).ToArray();
        Print(
            work,
            contestants,
            bytes,
            TimeInTurn(contestants, runs, contestant =>
            {
                foreach (var text in texts)
                    contestant.Encode(text);
            }),
            differences);
        return differences.All(static count => count == 0);
    }

    private static bool Decode(string work, Contestant[] contestants, string text, int runs)
    {
        var tokens = contestants[0].Encode(text).ToArray();
        var differences = contestants.Select(contestant => contestant.Decode!(tokens) == text ? 0 : 1).ToArray();
        Print(
            work,
            contestants,
            Encoding.UTF8.GetByteCount(text),
            TimeInTurn(contestants, runs, contestant => contestant.Decode!(tokens)),
            differences);
        return differences.All(static count => count == 0);
    }

    private static Timing[] TimeInTurn(Contestant[] contestants, int runs, Action<Contestant> work)
    {
        var seconds = Array.ConvertAll(contestants, _ => new double[runs]);
        for (var run = 0; run < runs; run++)
        {
            for (var i = 0; i < contestants.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                work(contestants[i]);
                seconds[i][run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        return Array.ConvertAll(seconds, Timing.Of);
    }

    private static void Print(string work, Contestant[] contestants, long bytes, Timing[] timings, int[] differences)
    {
        Console.WriteLine($"\n{work}");
        for (var i = 0; i < contestants.Length; i++)
        {
            var other = differences[i] == 0 ? "" : $"  {differences[i]:n0} texts differ";
            Console.WriteLine(
                $"  {contestants[i].Name,-26}{bytes / 1e6 / timings[i].Minimum,8:f1}{bytes / 1e6 / timings[i].Median,8:f1}"
                + (i == 0 ? "" : $"   GptGen is {timings[i].Minimum / timings[0].Minimum:f2} times as fast") + other);
        }
    }

    private static void Learn(string work, TextCorpus corpus, Action learn)
    {
        var timing = Timing.Measure(learn, runs: 3);
        var megabytes = corpus.ByteCount / 1e6;
        Console.WriteLine($"\n{work}, {Vocabulary:n0} tokens");
        Console.WriteLine($"  {"GptGen",-26}{megabytes / timing.Minimum,8:f1}{megabytes / timing.Median,8:f1}");
    }
}
