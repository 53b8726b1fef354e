namespace GptGen.Checkpoints;

/// <summary>What a folder is.</summary>
internal enum FolderKind
{
    /// <summary>There is no such folder, or nothing is in it.</summary>
    Empty,

    /// <summary>A training run: it has checkpoints.</summary>
    Run,

    /// <summary>A fine-tuned model: it has a <c>task.json</c>.</summary>
    FineTuned,

    /// <summary>Weights as Hugging Face's libraries or OpenAI keep them.</summary>
    Weights,

    /// <summary>A tokenizer's files and no weights.</summary>
    Tokenizer,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>What a command wants to write into a folder.</summary>
internal enum FolderUse
{
    /// <summary>Checkpoints of a new run.</summary>
    Training,

    /// <summary>Checkpoints of a run that continues.</summary>
    Resuming,

    /// <summary>A fine-tuned model.</summary>
    Finetuning,

    /// <summary>Weights as Hugging Face's libraries read them.</summary>
    Export,

    /// <summary>A vocabulary that was learned.</summary>
    Vocabulary,
}
