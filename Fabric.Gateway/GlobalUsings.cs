global using Fabric.Grains.Kernel;
