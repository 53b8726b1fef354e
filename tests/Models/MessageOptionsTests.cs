using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>
/// No message names an option that the command lacks: every text of the sources, as the command line says it, is held to the commands that can say
/// it. The runtime's own texts name properties.
/// </summary>
public sealed class MessageOptionsTests
{
    private const string OnText = "generate, serve, summarize, translate, answer, evaluate, features";
    private const string WithFolder = "train, finetune, convert, tokenizer train";
    private const string WithDevice = $"{OnText}, train, finetune, predict";

    /// <summary>
    /// Which commands can say what a file says, the first line that fits a path. A file that no line fits may not speak of options, or only of those
    /// of a command that it names, as in 'train --weights'.
    /// </summary>
    private static readonly (string Path, string Commands)[] s_reach =
    [
        ("models/Commands/Train", "train"),
        ("models/Commands/GivenWeights", "train"),
        ("models/Commands/RunRecord", "train"),
        ("models/Commands/ModelsCommand", "models"),
        ("models/Commands/Finetun", "finetune"),
        ("models/Commands/Predict", "predict"),
        // 'finetune' writes lines of words always.
        ("models/Commands/TagPredictionFile", "predict"),
        ("models/Commands/Evaluat", "evaluate"),
        ("models/Commands/Features", "features"),
        ("models/Commands/Generate", "generate"),
        ("models/Commands/Serve", "serve"),
        ("models/Commands/SearchOptions", "generate, translate, evaluate"),
        ("models/Commands/Answer", "answer"),
        ("models/Commands/Translate", "translate"),
        ("models/Commands/TranslationWork", "evaluate"),
        ("models/Commands/PairsCommand", "pairs"),
        ("models/Commands/Pair", "train"),
        ("runtime/Translation/", "train"),
        ("models/Commands/Convert", "convert"),
        ("models/Commands/Tokenizer", "tokenizer train"),
        ("models/Commands/TokenizeCommand", "tokenize"),
        ("runtime/Text/DocumentReader", "tokenize"),
        ("models/Commands/OutputTarget", "train, finetune, predict, tokenizer train"),
        ("models/Commands/CommonOptions", "train, evaluate, generate"),
        ("models/Commands/InputText", "summarize, translate, answer"),
        ("models/Commands/DeviceOptions", WithDevice),
        ("models/Commands/WeightsType", $"{OnText}, predict"),
        ("models/Commands/LoadedModel", $"{OnText}, train, finetune, convert"),
        ("models/Commands/Texts", $"{OnText}, train, finetune"),
        ("runtime/Training/", "train"),
        ("runtime/Distributed/", "train"),
        ("runtime/Finetuning/TaskFile", "finetune, predict"),
        ("runtime/Finetuning/AnswerFile", "finetune, predict"),
        ("runtime/Finetuning/TaskPredictor", "finetune, predict"),
        ("runtime/Finetuning/ExampleEncoder", "finetune, predict"),
        ("runtime/Finetuning/", "finetune"),
        // The others give no samples and no stops.
        ("runtime/Generation/GenerationOptions", "generate"),
        ("runtime/Generation/BeamOptions", "generate, translate"),
        ("models/Commands/FillCommand", "fill"),
        ("models/Commands/CompareCommand", "compare"),
        ("models/Comparison/", "compare"),
        // 'evaluate' takes the model's context, which is never too short.
        ("runtime/Pretraining/PretrainingOptions", "train"),
        ("runtime/Text/RandomBatches", "train"),
        // 'evaluate' takes fewer streams where there are fewer tokens.
        ("runtime/Text/StreamBatches", "train"),
        ("runtime/Text/SdkDocumentation", "train, evaluate, tokenizer train"),
        ("runtime/Text/TokenFile", "train, evaluate"),
        ("runtime/Text/TokenizedData", "train, evaluate"),
        ("runtime/Text/CharacterVocabulary", "train, evaluate"),
        // What 'tokenizer train' reaches there speaks of no tokenizer.
        ("runtime/Text/DocumentEnds", "train, evaluate"),
        ("runtime/Evaluation/", "evaluate"),
        ("runtime/Text/TokenizerWriter", WithFolder),
        ("runtime/Text/TrainedVocabulary", "tokenizer train"),
        ("runtime/Checkpoints/TrainingCheckpoint", "train"),
        ("runtime/Checkpoints/FolderClaim", WithFolder),
        ("runtime/Cuda/Driver/GpuCollectives", "train"),
        ("runtime/Checkpoints/ModelFolder", WithFolder),
    ];

    /// <summary>No messages: the help, which <see cref="HelpTests"/> holds to the commands, and what messages are translated by.</summary>
    private static readonly string[] s_noMessages =
    [
        "models/Commands/OptionGroups.cs", "models/Commands/HelpExamples.cs", "models/Commands/CommandHelp.cs", "models/Commands/OptionNames.cs",
    ];

    /// <summary>Options of other programs: Docker's, the kernel compiler's, llama.cpp's, Slurm's.</summary>
    private static readonly string[] s_foreign =
        ["--merge", "--mpi", "--gpus", "--gpu-architecture", "--std", "--generate-line-info", "--define-macro", "--help", "--shm-size"];

    [Fact]
    public void EveryOptionInAMessageIsOneOfTheCommandsThatSayIt()
    {
        var mistakes = new List<string>();
        foreach (var (path, text) in MessageTexts.Of("runtime", "models").Where(static source => !s_noMessages.Contains(source.Path)))
        {
            var reach = s_reach.FirstOrDefault(reach => path.StartsWith(reach.Path, StringComparison.Ordinal)).Commands;
            foreach (var (option, of) in MessageOptions.Named(CommandLineText.Of(text)).Where(static named => !s_foreign.Contains(named.Option)))
            {
                string[] speakers = of is not null ? [of] : reach?.Split(", ") ?? ["a file that no line of the test names"];
                mistakes.AddRange(speakers
                    .Where(speaker => !MessageOptions.OfCommands.TryGetValue(speaker, out var options) || !options.Contains(option))
                    .Select(speaker => $"{path}: {option} is no option of '{speaker}': {text}"));
            }
        }

        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
    }

    [Fact]
    public void TheRuntimeNamesNoOptions() => Assert.Empty(
        MessageTexts.Of("runtime").SelectMany(static source => MessageOptions.Named(source.Text)
            .Where(static named => !s_foreign.Contains(named.Option)).Select(named => $"{source.Path}: {named.Option}: {source.Text}")));
}
