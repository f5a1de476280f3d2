using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Enrichment.Benchmarks.Work;

/// <summary>Deliveries as a vendor sends them, ready as the bytes of their HTTP requests, in a file: each behind its length.</summary>
internal static class SignedRequests
{
    private static readonly byte[] Key = Convert.FromBase64String(LaterStep.Secret["whsec_".Length..]);

    /// <summary>Writes a request for each token, signed now. The caller deletes the file.</summary>
    public static string Write(IEnumerable<string> tokens)
    {
        var path = Path.GetTempFileName();
        using var file = new BinaryWriter(File.Create(path));
        var number = 0;
        foreach (var token in tokens)
        {
            var request = Encoding.ASCII.GetBytes(Request(token, $"msg_2KWPBgLlAfxdpx2AI54pPJ85f{++number:000000}"));
            file.Write(request.Length);
            file.Write(request);
        }

        return path;
    }

    public static List<byte[]> Read(string path)
    {
        using var file = new BinaryReader(File.OpenRead(path));
        var requests = new List<byte[]>();
        while (file.BaseStream.Position < file.BaseStream.Length)
        {
            requests.Add(file.ReadBytes(file.ReadInt32()));
        }

        return requests;
    }

    private static string Request(string token, string id)
    {
        var stamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Key, Encoding.ASCII.GetBytes($"{id}.{stamp}.{Answer.Text}")));
        return $"POST /callbacks/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Webhooks/1.0\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: {Answer.Text.Length}\r\n"
            + $"webhook-id: {id}\r\nwebhook-timestamp: {stamp}\r\nwebhook-signature: v1,{signature}\r\n\r\n{Answer.Text}";
    }
}
