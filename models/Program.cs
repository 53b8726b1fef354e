using System.CommandLine;
using GptGen;
using GptGen.Models.Commands;

var root = new RootCommand("GptGen: builds, trains and runs GPT models.")
{
    ModelsCommand.Create(),
    TrainCommand.Create(),
    GenerateCommand.Create(),
    SummarizeCommand.Create(),
    TranslateCommand.Create(),
    AnswerCommand.Create(),
    FinetuneCommand.Create(),
    PredictCommand.Create(),
    EvaluateCommand.Create(),
    FeaturesCommand.Create(),
    ConvertCommand.Create(),
    TokenizerCommand.Create(),
    DoctorCommand.Create(),
};

try
{
    if (args.Length == 0)
        args = ["--help"];
    var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
    if (parsed.Errors.Count > 0)
    {
        var command = CommandWork.PathOf(parsed.CommandResult);
        throw new GptGenException($"{string.Join(" ", parsed.Errors.Select(static error => error.Message))} See '{command} --help'.");
    }

    // An interrupted training finishes its step and saves before it ends, however large the model.
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(5) });
}
catch (GptGenException exception)
{
    Console.Error.WriteLine($"error: {exception.Message}");
    return 1;
}
catch (IOException exception)
{
    // Of files the runtime speaks itself; this is the output, on a full disk.
    Console.Error.WriteLine($"error: The output cannot be written ({exception.Message.TrimEnd('.')}): free some space or write elsewhere.");
    return 1;
}
catch (OutOfMemoryException)
{
    Console.Error.WriteLine("error: There is not enough memory: use a smaller --batch, --length or --model.");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
