// A node agent in a process of its own needs a cluster to join; until then the all-in-one hosts it.
Console.Error.WriteLine("The node agent runs inside Fabric.Silo. Start it with ./fabric up.");
return 64;
