using System.Diagnostics;
using System.Globalization;
using GptGen.Benchmarks.Finetuning;
using GptGen.Checkpoints;
using GptGen.Finetuning;
using GptGen.Models;
using GptGen.Text;
using GptGen.Training;

namespace GptGen.Benchmarks;

/// <summary>
/// What pre-training is worth: four tasks on real text, each learned by the pre-trained model, by the same model from random weights with the same
/// options, and by logistic regression on words. Accuracy on types that neither pre-training nor fine-tuning saw.
/// </summary>
internal static class FinetuningBenchmark
{
    private const string Body = "gpt1-mini-4k";
    private const int Vocabulary = 4096;
    private const int PretrainingLength = 128;
    private const int Length = 96;

    /// <summary>
    /// Runs the table; the arguments are the folder of the pre-trained weights, made if it has none, and of the examples, and a seed.
    /// </summary>
    public static int Run(string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        var seed = 1u;
        if (arguments.Length > 2
            || (arguments.Length == 2 && !uint.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out seed)))
        {
            Console.Error.WriteLine("usage: benchmarks finetune [folder] [seed]");
            return 1;
        }

        var tasks = new DocumentationTasks(MemberReader.Read());
        using var device = new CpuDevice();
        var folder = arguments.Length > 0 ? arguments[0] : Directory.CreateTempSubdirectory("gptgen-finetune-").FullName;
        TaskSet[] sets = [tasks.Entailment, tasks.Choice, tasks.Classification, tasks.Similarity];
        foreach (var set in sets)
            TaskFiles.Write(set, Path.Combine(folder, set.Name));
        if (TrainingCheckpoint.FindLatest(folder) is null)
            Pretrain(device, tasks.PretrainingText, folder);
        Console.WriteLine($"pre-trained after {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s; accuracy on held-out types, in %");
        Console.WriteLine("task              training  test  chance  words  from scratch  fine-tuned");
        foreach (var set in sets)
            Row(device, set, folder, seed);
        Console.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s in all");
        if (arguments.Length == 0)
            Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static void Row(CpuDevice device, TaskSet set, string folder, uint seed)
    {
        var labels = LabelSet.Of(set.Training);
        var counts = set.Test.GroupBy(static example => example.Label).Max(static group => group.Count());
        var words = WordCounts.Accuracy(set, labels);
        var scratch = Finetune(device, set, labels, folder, isPretrained: false, seed);
        var tuned = Finetune(device, set, labels, folder, isPretrained: true, seed);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{set.Name,-16}{set.Training.Count,10}{set.Test.Count,6}{100.0 * counts / set.Test.Count,8:F1}{100 * words,7:F1}"
            + $"{100 * scratch,14:F1}{100 * tuned,12:F1}"));
    }

    private static double Finetune(CpuDevice device, TaskSet set, LabelSet labels, string folder, bool isPretrained, uint seed)
    {
        using var model = TaskZoo.Find(Body, set.Kind, labels.Names.Count).Create(device);
        model.Model.Initialize(seed);
        if (isPretrained)
            ModelCheckpoint.LoadPretrained(model, folder);
        var encoder = new ExampleEncoder(model.Head, Tokenizer.Open(folder), labels, Length, truncate: true);
        var options = new FinetuningOptions
        {
            Length = Length,
            Epochs = 4,
            Batch = set.Kind == TaskKind.MultipleChoice ? 16 : 32,
            // The paper's rate is for a model a hundred times as large.
            LearningRate = 5e-4,
            Warmup = 0.05,
            EvaluationsPerEpoch = 2,
            Seed = seed,
        };
        var best = new float[model.Description.ParameterElements];
        using (var finetuner = new Finetuner(
            model, encoder.Encode(set.Training), encoder.Encode(set.Validation), labels, options, _ => model.Model.Parameters.Read(0, best)))
        {
            foreach (var step in finetuner.Run())
            {
                if (step.Validation is { } metrics)
                    Console.Error.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{set.Name} {(isPretrained ? "fine-tuned" : "from scratch")} {step.Step}/{step.Steps}: task loss {step.TaskLoss:F3}, "
                            + $"validation {100 * metrics.Accuracy:F1} %"));
            }
        }

        model.Model.Parameters.Write(0, best);
        using var predictor = new TaskPredictor(model, 16, options.Length, labels.Names.Count);
        return predictor.Evaluate(encoder.Encode(set.Test), labels).Accuracy;
    }

    private static void Pretrain(CpuDevice device, string text, string folder)
    {
        if (!Tokenizer.IsIn(folder))
            BytePairTrainer.Train(TextCorpus.FromText("the training types' text", text), Vocabulary).Save(folder);
        using var model = (LanguageModel)Zoo.Find(Body).Create(device);
        model.Initialize(1);
        using var data = TokenDataset.Split(TokenSource.FromMemory(Tokenizer.Open(folder).Encode(text)), 0.02);
        // Thirteen passes over the text, hence the dropout.
        var options = new TrainingOptions
        {
            Steps =
                2500, Batch =
                    16, Length =
                        PretrainingLength, LearningRate = 2e-3, Warmup = 200, WeightDecay = 0.01, Dropout = 0.1, EvaluateEvery = 500, SaveEvery = 0,
        };
        Console.WriteLine($"pre-training {Body} on {data.Training.Count} tokens");
        using var trainer = new Trainer(model, data, options, folder);
        foreach (var step in trainer.Run(CancellationToken.None))
        {
            if (step.Step % 250 == 0 || step.ValidationLoss is not null)
                Console.Error.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"step {step.Step}: loss {step.Loss:F3}, validation {step.ValidationLoss:F3}, "
                        + $"{options.Batch * PretrainingLength / step.Seconds:F0} tokens/s"));
        }
    }
}
