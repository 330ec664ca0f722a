using System.Security.Cryptography;
using Actors.Api.Hosting;

namespace Actors.Silo;

/// <summary>The key that tokens are signed with where none is configured: made on first use, kept in the data directory, readable by its owner only.</summary>
internal static class SigningKey
{
    private const string FileName = "signing.key";

    /// <summary>Puts the key into the configuration, unless one or an authority is configured.</summary>
    internal static void Provide(IConfigurationManager configuration, string dataDirectory)
    {
        if (configuration["Auth:SigningKey"] is { Length: > 0 } || configuration["Auth:Authority"] is { Length: > 0 })
        {
            return;
        }

        configuration.AddInMemoryCollection([new("Auth:SigningKey", ReadOrCreate(dataDirectory))]);
    }

    private static string ReadOrCreate(string directory)
    {
        DataDirectory.Create(directory);
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            // Written whole under another name and moved without replacing: two processes that start at once (the node and its token
            // command) end with the same key.
            var draft = Path.Combine(directory, $".{FileName}.{Environment.ProcessId}");
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var writer = new StreamWriter(draft, options))
            {
                writer.Write(Convert.ToBase64String(RandomNumberGenerator.GetBytes(48)));
            }

            try
            {
                File.Move(draft, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(draft);
            }
        }

        return File.ReadAllText(path);
    }
}

/// <summary>The directory for everything that a node keeps.</summary>
internal static class DataDirectory
{
    /// <summary>Makes it, for its owner only, where it isn't there yet.</summary>
    /// <exception cref="ConfigurationException">It can't be made.</exception>
    internal static void Create(string directory)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(directory);
            }
            else
            {
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The data directory {directory} can't be made ({error.Message}); write another with --Data:Directory.");
        }
    }
}
