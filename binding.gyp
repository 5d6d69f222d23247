{
  # For `node-gyp rebuild`: one target that runs the CMake build, so that native/CMakeLists.txt
  # stays the only list of sources. npm never runs it ("gypfile": false in package.json).
  "targets": [
    {
      "target_name": "gpudataframe",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "inputs": ["native/CMakeLists.txt"],
          "outputs": ["build/native/gdf_baseline.node"],
          "action": ["node", "scripts/build-native.mjs"]
        }
      ]
    }
  ]
}
