namespace VecSQL.Engine.Tests.Models;

/// <summary>A test class with a database whose models are <see cref="FakeModels"/>, and files to make them of.</summary>
public abstract class ModelTest : EngineTest
{
    protected ModelTest()
    {
        Write("tokenizer.json", "tokenizer");
        Write("a.onnx", "model 4 7");
        Write("b.onnx", "model 4 8");
        Write("wide.onnx", "model 6 9");
    }

    protected string ModelDirectory => Path.Combine(Database.DataDirectory, "models");

    protected string[] KeptFiles => Directory.Exists(ModelDirectory)
        ? [.. Directory.GetFiles(ModelDirectory).Select(static path => Path.GetExtension(path)).Order()]
        : [];

    protected void Write(string name, string text) => File.WriteAllText(Path.Combine(Database.FileRoot, name), text);
}
