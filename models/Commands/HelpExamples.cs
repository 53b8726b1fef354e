namespace GptGen.Models.Commands;

/// <summary>A command line that the help shows, and what it does.</summary>
/// <param name="Line">What is typed, behind <c>gptgen</c>.</param>
/// <param name="Meaning">What it does.</param>
internal readonly record struct HelpExample(string Line, string Meaning);

/// <summary>Examples in the help of each command, from the plain to the particular.</summary>
internal static class HelpExamples
{
    private static readonly Dictionary<string, HelpExample[]> s_ofCommands = new()
    {
        ["gptgen"] =
        [
            new("train", "a small model on the .NET SDK's documentation: minutes on a CPU"),
            new("generate --prompt \"The \"", "what it writes"),
            new("train --data book.txt --model gpt2-mini", "a larger one on your text"),
            new("doctor", "whether an NVIDIA GPU can be used"),
        ],
        ["gptgen models"] =
        [
            new("models --precision bf16 --gigabytes 24", "the largest batches that a GPU of 24 GB trains"),
            new("models --json", "the same for a script"),
        ],
        ["gptgen train"] =
        [
            new("train --data texts --model gpt2-mini", "a new model on a folder of texts"),
            new("train --resume --out runs/gpt2-mini", "go on after an interruption"),
            new("train --weights gpt2 --data book.txt", "teach given weights a text, with defaults that keep what they know"),
            new("train @small.options --seed 2", "options from a file, one or more a line; those beside it count first"),
        ],
        ["gptgen generate"] =
        [
            new("generate --prompt \"The \"", "with the run in runs/gpt2-nano"),
            new("generate --weights gpt2 --prompt \"The \" --tokens 60 --top-p 0.9 --samples 3", "three texts by given weights"),
            new("generate --weights runs/gpt2-mini --prompt \"The \" --beams 4", "the most probable text"),
        ],
        ["gptgen serve"] =
        [
            new("serve --weights runs/gpt2-nano", "on http://127.0.0.1:8080/v1"),
            new("serve --weights gpt2 --host 0.0.0.0 --port 80 --api-key-file key.txt", "for other machines, who must name the key"),
        ],
        ["gptgen summarize"] = [new("summarize --weights gpt2 --file article.txt", "")],
        ["gptgen translate"] =
        [
            new("translate --weights runs/seq2seq-mini-4k --text \"The file was not found.\"", "by a model trained on pairs"),
            new("translate --weights gpt2 --example \"sea otter = loutre de mer\" --text cheese", "by prompt"),
        ],
        ["gptgen answer"] = [new("answer --weights gpt2 --file document.txt --question \"Who wrote it?\"", "")],
        ["gptgen finetune"] =
        [
            new("finetune --task classification --weights runs/gpt1-mini-4k --data train.tsv --test test.tsv", "labels of texts"),
            new("finetune --task answering --weights runs/bert-mini-4k --data train.json", "answers out of texts"),
        ],
        ["gptgen predict"] =
        [
            new("predict --weights runs/gpt1-mini-4k-classification --text \"a fine film\"", "one text"),
            new("predict --weights runs/gpt1-mini-4k-classification --data new.tsv --out predictions.tsv", "a file of them"),
        ],
        ["gptgen evaluate"] =
        [
            new("evaluate --weights runs/gpt2-nano --data book.txt", "perplexity per token, word and byte"),
            new("evaluate --weights gpt2 --task lambada --data lambada.jsonl", "a benchmark"),
        ],
        ["gptgen fill"] = [new("fill --weights runs/bert-mini-4k --prompt \"Returns the [MASK] of elements.\"", "")],
        ["gptgen features"] =
        [
            new("features --prompt \"The gears\"", "the final states, one line a token"),
            new("features --weights runs/bert-mini-4k --prompt \"The gears\" --pool mean", "one vector"),
        ],
        ["gptgen convert"] =
        [
            new("convert --weights runs/gpt2-nano --out folder", "for Hugging Face's libraries"),
            new("convert --weights gpt2 --type q8_0 --out model.gguf", "for llama.cpp and Ollama"),
        ],
        ["gptgen tokenizer train"] =
        [
            new("tokenizer train --data texts --vocabulary 4096 --out words", "for GPTs: 'train --tokenizer words --model gpt2-mini-4k'"),
            new("tokenizer train --kind wordpiece --data texts --vocabulary 4096 --out pieces", "for BERT"),
        ],
        ["gptgen tokenize"] =
        [
            new("tokenize --data web.txt --out train.bin", "in GPT-2's tokens"),
            new("tokenize --data dump.jsonl --column text --tokenizer words --out train.bin", "a column of JSON lines"),
        ],
        ["gptgen pairs"] = [new("pairs --language de --out de.tsv --test de-test.tsv", "")],
        ["gptgen runs"] = [new("runs runs/gpt2-nano runs/gpt1-nano --out losses.svg", "as a table and a picture")],
        ["gptgen compare"] = [new("compare --quick", "a look in minutes")],
        ["gptgen doctor"] = [new("doctor", "")],
    };

    /// <summary>The examples of a command, as it is typed.</summary>
    internal static IReadOnlyList<HelpExample> Of(string path) => s_ofCommands.GetValueOrDefault(path, []);
}
