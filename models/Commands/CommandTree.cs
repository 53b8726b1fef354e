using System.CommandLine;

namespace GptGen.Models.Commands;

/// <summary>All commands with their options.</summary>
internal static class CommandTree
{
    internal static RootCommand Create() => CommandHelp.Add(new("GptGen: builds, trains and runs GPT models.")
    {
        ModelsCommand.Create(),
        TrainCommand.Create(),
        GenerateCommand.Create(),
        ServeCommand.Create(),
        SummarizeCommand.Create(),
        TranslateCommand.Create(),
        AnswerCommand.Create(),
        FinetuneCommand.Create(),
        PredictCommand.Create(),
        EvaluateCommand.Create(),
        FillCommand.Create(),
        FeaturesCommand.Create(),
        ConvertCommand.Create(),
        TokenizerCommand.Create(),
        TokenizeCommand.Create(),
        PairsCommand.Create(),
        RunsCommand.Create(),
        CompareCommand.Create(),
        DoctorCommand.Create(),
    });
}
